import { type ColumnType, columnTypeOf, type Filter, oneOfType } from '../../platform/resources/index.js';

/** Columns of the table that entries are found by. */
const COLUMNS = {
  actor_id: 'uuid',
  actor_kind: ['user', 'api_key', 'system', 'platform'],
  resource: 'varchar(100)',
  resource_id: 'uuid',
  action: 'varchar(50)',
  outcome: ['ok', 'refused'],
  code: 'varchar(50)',
  request_id: 'varchar(64)',
} satisfies Record<string, string | string[]>;

/** By parameter, in the order in which conditions are written. */
export const AUDIT_FILTERS: ReadonlyMap<string, Filter> = new Map(
  [
    ...Object.entries(COLUMNS).map(([column, type]) => ({
      parameter: column,
      test: 'equals' as const,
      expression: `"${column}"`,
      type: typeof type === 'string' ? typeOf(type) : oneOfType(typeOf('varchar'), type),
    })),
    { parameter: 'at_gte', test: 'gte' as const, expression: '"at"', type: typeOf('timestamptz') },
    { parameter: 'at_lt', test: 'lt' as const, expression: '"at"', type: typeOf('timestamptz') },
  ].map((filter, ordinal) => [filter.parameter, { ...filter, ordinal }]),
);

function typeOf(name: string): ColumnType {
  const type = columnTypeOf(name);
  if (type === undefined) throw new Error(`${name} is no type of a column`);
  return type;
}
