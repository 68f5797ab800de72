import type { Type } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import type { Column, Table } from './columns.js';

/** Where @nestjs/swagger keeps what `@ApiProperty` says of a property. */
const DESCRIBED = 'swagger/apiModelProperties';
/** And the names of properties, each after a colon, in the order of the answer. */
const NAMES = 'swagger/apiModelPropertiesArray';

/**
 * Tells the OpenAPI document of every column that a row has, by the table itself: a row's class adds the words. What is
 * answered is written by this description, so a column that the class forgot is answered all the same.
 */
export function describeRow(row: Type, table: Table): void {
  const prototype: unknown = row.prototype;
  if (typeof prototype !== 'object' || prototype === null) return;
  for (const column of table.columns.values()) {
    // what jsonb holds only the class can say
    if (column.type.kind === 'json' && Reflect.hasMetadata(DESCRIBED, prototype, column.wire)) continue;
    ApiProperty(optionsOf(column))(prototype, column.wire);
  }
  const names = Reflect.getMetadata(NAMES, prototype) as string[];
  const ordered = [...table.columns.keys()].map((wire) => `:${wire}`);
  Reflect.defineMetadata(NAMES, [...new Set([...ordered, ...names])], prototype);
}

function optionsOf({ type, nullable }: Column): ApiPropertyOptions {
  // the range of a whole number is a limit on what is sent
  const { type: typeName, minimum: _, maximum: __, ...rest } = type.schema;
  return {
    type: String(typeName),
    required: true,
    ...(nullable ? { nullable: true } : {}),
    ...rest,
  } as ApiPropertyOptions;
}
