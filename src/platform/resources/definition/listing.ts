import { quoted } from '../sql.js';
import type { Column, Table } from './columns.js';
import { columnTypeOf, type ColumnType } from './column-types.js';

/** How a parameter narrows a list. */
export type FilterTest = 'equals' | 'gte' | 'lt' | 'tags' | 'flag';

/** One parameter of a list: `status`, `created_at_gte`, `tags`. */
export interface Filter {
  readonly parameter: string;
  readonly test: FilterTest;
  /** What stands in SQL: a column, or the expression of a flag. */
  readonly expression: string;
  readonly type: ColumnType;
  /** Its place among the others: conditions are written in this order, whatever the caller's. */
  readonly ordinal: number;
}

export interface OrderTerm {
  readonly column: Column;
  readonly descending: boolean;
}

/** What a list can be narrowed, searched and sorted by. */
export interface Listing {
  readonly table: string;
  readonly filters: ReadonlyMap<string, Filter>;
  readonly search: readonly Column[];
  readonly sortable: ReadonlyMap<string, Column>;
  readonly defaultOrder: readonly OrderTerm[];
  readonly idColumn: Column;
}

const RESERVED = ['skip', 'limit', 'cursor', 'sort', 'q', 'with_total', 'is_deleted', 'include'] as const;

const COMMON_FILTERS = ['id', 'owner_id', 'created_by', 'updated_by', 'created_at', 'updated_at'];
const COMMON_SORT = ['created_at', 'updated_at', 'id'];

/** @throws Error that names the column which is not there, or cannot be used so */
export function listingOf(
  table: Table,
  {
    filters = [],
    search = [],
    sort = [],
  }: { filters?: readonly string[]; search?: readonly string[]; sort?: readonly string[] },
): Listing {
  const column = (wire: string, use: string): Column => {
    const found = table.columns.get(wire);
    if (found === undefined) throw new Error(`${use} names ${wire}, which is no column of ${table.name}`);
    if (found.type.kind === 'json') throw new Error(`${use} names ${wire}, which is jsonb`);
    return found;
  };
  const texts = search.map((wire) => column(wire, 'search'));
  for (const { wire, type } of texts)
    if (type.kind !== 'text') throw new Error(`search names ${wire}, which is no text`);
  const sortable = new Map([...COMMON_SORT, ...sort].map((wire) => [wire, column(wire, 'sort')]));
  return {
    table: table.name,
    filters: filtersOf(
      [...new Set([...COMMON_FILTERS, ...filters])].map((wire) => column(wire, 'filters')),
      table,
    ),
    search: texts,
    sortable,
    defaultOrder: ['created_at', 'id'].map((wire) => ({ column: column(wire, 'sort'), descending: true })),
    idColumn: column('id', 'sort'),
  };
}

function filtersOf(columns: readonly Column[], table: Table): Map<string, Filter> {
  const filters = new Map<string, Filter>();
  const add = (parameter: string, test: FilterTest, expression: string, type: ColumnType): void => {
    if (filters.has(parameter) || RESERVED.some((reserved) => reserved === parameter))
      throw new Error(`filters of ${table.name}: the parameter ${parameter} has a meaning already`);
    filters.set(parameter, { parameter, test, expression, type, ordinal: filters.size });
  };
  for (const { wire, name, type } of columns) {
    add(wire, 'equals', quoted(name), type);
    if (!type.ranged) continue;
    add(`${wire}_gte`, 'gte', quoted(name), type);
    add(`${wire}_lt`, 'lt', quoted(name), type);
  }
  add('tags', 'tags', '"tags"', TAG);
  add('is_active', 'flag', activeExpression(table), FLAG);
  return filters;
}

const typeOf = (name: string): ColumnType => {
  const type = columnTypeOf(name);
  if (type === undefined) throw new Error(`${name} is no type of a column`);
  return type;
};
const TAG: ColumnType = { ...typeOf('text'), schema: { type: 'string', maxLength: 50 } };
const FLAG = typeOf('boolean');

/** Alive and, where there is a status that can be so called, active (data-model.md). */
export function activeExpression({ columns }: Table, alias = ''): string {
  const status = columns.get('status');
  const hasActive = status?.type.schema['enum'] !== undefined && status.type.parse('active') !== undefined;
  return `(${alias}"deleted_at" is null${hasActive ? ` and ${alias}"status" = 'active'` : ''})`;
}
