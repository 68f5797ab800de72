import { quoted } from '../sql.js';
import { type ColumnType, columnTypeOf } from './column-types.js';
import type { Column } from './columns.js';

/** Something that is answered, and perhaps filtered and sorted by, without being a column of the table. */
export interface ComputedInput {
  /** As MikroORM writes types: `uuid`, `varchar(50)`, `jsonb`. */
  readonly type: string;
  readonly nullable?: boolean;
  /** The expression; `row` stands before columns (`r.`). By default the column of that name, which a view has. */
  readonly sql?: (row: string) => string;
}

/** A parameter whose condition is not that a column equals it. */
export interface FurtherFilter {
  /** As MikroORM writes types: what its values are. */
  readonly type: string;
  readonly description: string;
  /** What holds of a row; `values` is an array in SQL, `row` stands before columns. */
  readonly sql: (values: string, row: string) => string;
}

/** A column whose value is worked out. Its name in SQL is the expression itself. */
export interface ComputedColumn extends Column {
  readonly expression: (row: string) => string;
}

/** @throws Error for a type that resources do not handle */
export function computedColumn(
  wire: string,
  { type, nullable = false, sql }: ComputedInput,
  row: string,
): ComputedColumn {
  const expression = sql ?? ((of: string) => `${of}${quoted(wire)}`);
  return { wire, name: wire, quoted: expression(row), type: typeNamed(type, wire), nullable, expression };
}

export function typeNamed(name: string, wire: string): ColumnType {
  const type = columnTypeOf(name);
  if (type === undefined) throw new Error(`${wire} has the type ${name}, which resources do not handle`);
  return type;
}
