import type { Statement } from '../../database/index.js';
import type { StoredRow } from '../dto/business.dto.js';
import type { Resource } from '../definition/resource.js';
import { type Reach, within } from '../reach.js';
import { Sql } from '../sql.js';
import { predicateOf } from './condition.js';
import { afterRow } from './keyset.js';
import type { ListQuery } from './list-query.js';
import { orderBy } from './order.js';

/** Limits that are written out: PostgreSQL plans better for a number than for a parameter, and these few are what is asked for. */
const COMMON_LIMITS = new Set([1, 5, 10, 15, 20, 25, 30, 50, 100, 200, 250, 500, 1000]);
/** The column in which the total travels. */
export const TOTAL = '#total';

/** What a list selects: its page and one row more, which tells whether there is a next. */
export function listStatement(resource: Resource, query: ListQuery, reach: Reach, organizationId: string): Statement {
  const sql = new Sql();
  const matching = `from ${resource.relation} where ${matches(resource, query, reach, organizationId, sql)}`;
  const page = `select ${resource.select()} ${matching}${paging(query, sql)}`;
  if (!query.withTotal) return sql.statement(page);
  // counted beside the page, so that it is right on an empty page too
  return sql.statement(
    `select t.*, p.* from (select count(*) as "${TOTAL}" ${matching}) t left join (${page}) p on true order by ${orderBy(query.order, 'p')}`,
  );
}

/** One row by its id, of the living. */
export function getStatement<Row extends StoredRow>(
  resource: Resource<Row>,
  id: string,
  reach: Reach,
  organizationId: string,
): Statement {
  const sql = new Sql();
  const { alias, conditions, holding, isRestorable, parentId, relation, row, scope = '', select } = resource;
  const own = `${held(resource, organizationId, sql)} and ${alias}"id" = ${sql.bind(id)}${isRestorable ? ` and ${alias}"deleted_at" is null` : ''}`;
  const rest = `${within(reach, sql, resource.scope)}${narrowing(resource, sql)}`;
  const text = () => `select ${select()} from ${relation} where ${own}${rest}`;
  if (conditions.length > 0) return sql.statement(text());
  // all that a narrowing may change of the text
  const shape = [reach.kind, scope, holding, resource.unit === undefined, parentId === undefined].join(' ');
  return sql.once(row, shape, text);
}

/** Whose row it may be. The organization stands beside the policy: the policy becomes a filter that is asked once. */
function held(
  { alias, holding, unit }: Pick<Resource, 'alias' | 'holding' | 'unit'>,
  organizationId: string,
  sql: Sql,
): string {
  switch (holding) {
    case 'own':
      return `${alias}"organization_id" = ${sql.bind(organizationId)}`;
    case 'built_in':
      return `(${alias}"organization_id" = ${sql.bind(organizationId)} or ${alias}"organization_id" is null)`;
    case 'itself':
      // in a unit of its own it is the platform's people who ask: about all of them
      return unit === undefined ? `${alias}"id" = ${sql.bind(organizationId)}` : 'true';
    case 'global':
      return 'true';
  }
}

/** What a request narrows the resource by, with the `and` before each. */
export function narrowing(
  {
    alias,
    conditions,
    parent,
    parentId,
    table,
  }: Pick<Resource, 'alias' | 'conditions' | 'parent' | 'parentId' | 'table'>,
  sql: Sql,
): string {
  const above =
    parent === undefined || parentId === undefined
      ? ''
      : ` and ${alias}${parent.column.quoted} = ${sql.typed(parentId, 'uuid')}`;
  // by name, so that a sub-select in a condition does not take the column for one of its own
  const row = alias === '' ? `${table.quoted}.` : alias;
  return above + conditions.map((condition) => ` and ${condition(sql, row)}`).join('');
}

function matches(resource: Resource, query: ListQuery, reach: Reach, organizationId: string, sql: Sql): string {
  const { alias, isRestorable, listing } = resource;
  let where = held(resource, organizationId, sql);
  if (isRestorable) where += ` and ${alias}"deleted_at" is ${query.deleted ? 'not null' : 'null'}`;
  where += within(reach, sql, resource.scope) + narrowing(resource, sql);
  for (const condition of query.conditions) where += ` and ${predicateOf(condition, sql)}`;
  if (query.q !== undefined)
    where += ` and ${listing.searched?.(sql.typed(query.q, 'text')) ?? contains(resource, query.q, sql)}`;
  return where;
}

/** Without case in every script: in the cluster's own collation, C, only ASCII has cases. */
function contains({ listing }: Resource, text: string, sql: Sql): string {
  const pattern = sql.bind(`%${text.replace(/[\\%_]/g, '\\$&')}%`);
  return `(${listing.search.map(({ quoted: name }) => `${name} ilike ${pattern} collate pg_c_utf8`).join(' or ')})`;
}

function paging({ after, order, limit, skip }: ListQuery, sql: Sql): string {
  const keyset = after === undefined ? '' : ` and ${afterRow(order, after, sql)}`;
  const rows = COMMON_LIMITS.has(limit) ? String(limit + 1) : sql.bind(limit + 1);
  const offset = skip === 0 ? '' : ` offset ${sql.bind(skip)}`;
  return `${keyset} order by ${orderBy(order)} limit ${rows}${offset}`;
}
