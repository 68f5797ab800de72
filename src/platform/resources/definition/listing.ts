import type { StoredRow } from '../dto/business.dto.js';
import { quoted } from '../sql.js';
import type { Column, Table } from './columns.js';
import { columnTypeOf, type ColumnType } from './column-types.js';
import { typeNamed } from './computed.js';
import type { ResourceInput } from './resource.js';

/** How a parameter narrows a list. */
export type FilterTest = 'equals' | 'equals_lower' | 'gte' | 'lt' | 'tags' | 'flag' | 'further';

/** One parameter of a list: `status`, `created_at_gte`, `tags`. */
export interface Filter {
  readonly parameter: string;
  readonly test: FilterTest;
  /** What stands in SQL: a column, or the expression of a flag. */
  readonly expression: string;
  readonly type: ColumnType;
  /** Its place among the others: conditions are written in this order, whatever the caller's. */
  readonly ordinal: number;
  /** Of a further one, in words and in SQL by an array of values. */
  readonly description?: string;
  readonly holds?: (values: string) => string;
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
  /** What holds of a row in which the text is found, where no part of a column is looked for. */
  readonly searched: ((text: string) => string) | undefined;
  readonly sortable: ReadonlyMap<string, Column>;
  readonly defaultOrder: readonly OrderTerm[];
  readonly idColumn: Column;
  /** The deleted can be asked for. */
  readonly isRestorable: boolean;
  /** What `include=` adds the names of. */
  readonly people: readonly string[];
}

const RESERVED = ['skip', 'limit', 'cursor', 'sort', 'q', 'with_total', 'is_deleted', 'include'] as const;

const COMMON_FILTERS = ['id', 'owner_id', 'created_by', 'updated_by', 'created_at', 'updated_at'];
const COMMON_SORT = ['created_at', 'updated_at', 'id'];

/** @throws Error that names the column which is not there, or cannot be used so */
export function listingOf(
  table: Table,
  input: ResourceInput<StoredRow>,
  computed: readonly Column[],
  row: string,
): Listing {
  const { filters = [], search = [], sort = [], order = '-created_at' } = input;
  const known = new Map(computed.map((column) => [column.wire, column]));
  for (const column of table.columns.values())
    known.set(column.wire, row === '' ? column : { ...column, quoted: `${row}${column.quoted}` });
  const column = (wire: string, use: string): Column => {
    const found = known.get(wire);
    if (found === undefined) throw new Error(`${use} names ${wire}, which is no column of ${table.name}`);
    if (found.type.kind === 'json') throw new Error(`${use} names ${wire}, which is jsonb`);
    return found;
  };
  const there = (wires: readonly string[]): string[] => wires.filter((wire) => known.has(wire));
  const texts = typeof search === 'function' ? [] : search.map((wire) => column(wire, 'search'));
  for (const { wire, type } of texts)
    if (type.kind !== 'text') throw new Error(`search names ${wire}, which is no text`);
  const sortable = new Map([...there(COMMON_SORT), ...sort].map((wire) => [wire, column(wire, 'sort')]));
  const descending = order.startsWith('-');
  const first = order.replace(/^-/, '');
  const filtered = [...new Set([...there(COMMON_FILTERS), ...filters])].map((wire) => column(wire, 'filters'));
  return {
    table: table.name,
    filters: filtersOf(filtered, table, input, row),
    search: texts,
    searched: typeof search === 'function' ? (text) => search(text, row) : undefined,
    sortable,
    defaultOrder: [first, 'id'].map((wire) => ({ column: column(wire, 'order'), descending })),
    idColumn: sortable.get('id') ?? column('id', 'sort'),
    isRestorable: table.columns.has('deleted_at'),
    people: Object.keys(input.people ?? (table.columns.has('owner_id') ? { owner: 'owner_id' } : {})),
  };
}

function filtersOf(
  columns: readonly Column[],
  table: Table,
  { furtherFilters = {} }: ResourceInput<StoredRow>,
  row: string,
): Map<string, Filter> {
  const filters = new Map<string, Filter>();
  const add = (filter: Omit<Filter, 'ordinal'>): void => {
    const { parameter } = filter;
    if (filters.has(parameter) || RESERVED.some((reserved) => reserved === parameter))
      throw new Error(`filters of ${table.name}: the parameter ${parameter} has a meaning already`);
    filters.set(parameter, { ...filter, ordinal: filters.size });
  };
  for (const { wire, name, quoted: expression, type } of columns) {
    // codes and addresses are compared without case, by the twin that an index has
    const twin = `${name}_lower`;
    if (table.unseen.includes(twin))
      add({ parameter: wire, test: 'equals_lower', expression: `${row}${quoted(twin)}`, type });
    else add({ parameter: wire, test: 'equals', expression, type });
    if (!type.ranged) continue;
    add({ parameter: `${wire}_gte`, test: 'gte', expression, type });
    add({ parameter: `${wire}_lt`, test: 'lt', expression, type });
  }
  if (table.columns.has('tags')) add({ parameter: 'tags', test: 'tags', expression: `${row}"tags"`, type: TAG });
  if (table.columns.has('deleted_at'))
    add({ parameter: 'is_active', test: 'flag', expression: activeExpression(table, row), type: FLAG });
  for (const [parameter, { type, description, sql }] of Object.entries(furtherFilters)) {
    const holds = (values: string) => sql(values, row);
    add({ parameter, test: 'further', expression: '', type: typeNamed(type, parameter), description, holds });
  }
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
