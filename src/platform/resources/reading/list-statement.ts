import type { Statement } from '../../database/index.js';
import type { Resource } from '../definition/resource.js';
import { type Reach, within } from '../reach.js';
import { quoted, Sql } from '../sql.js';
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
  const matching = `from ${quoted(resource.table.name)} where ${matches(resource, query, reach, organizationId, sql)}`;
  const page = `select ${resource.select()} ${matching}${paging(query, sql)}`;
  if (!query.withTotal) return sql.statement(page);
  // counted beside the page, so that it is right on an empty page too
  return sql.statement(
    `select t.*, p.* from (select count(*) as "${TOTAL}" ${matching}) t left join (${page}) p on true order by ${orderBy(query.order, 'p')}`,
  );
}

/** One row by its id, of the living. */
export function getStatement(resource: Resource, id: string, reach: Reach, organizationId: string): Statement {
  const sql = new Sql();
  const own = `"organization_id" = ${sql.bind(organizationId)} and "id" = ${sql.bind(id)} and "deleted_at" is null`;
  const reached = within(reach, sql);
  const { table, select } = resource;
  return sql.once(resource, reach.kind, () => `select ${select()} from ${quoted(table.name)} where ${own}${reached}`);
}

/** The organization stands beside the policy: the policy becomes a filter that is asked once. */
function matches(resource: Resource, query: ListQuery, reach: Reach, organizationId: string, sql: Sql): string {
  let where = `"organization_id" = ${sql.bind(organizationId)} and "deleted_at" is ${query.deleted ? 'not null' : 'null'}`;
  where += within(reach, sql);
  for (const condition of query.conditions) where += ` and ${predicateOf(condition, sql)}`;
  if (query.q !== undefined) where += ` and ${contains(resource, query.q, sql)}`;
  return where;
}

/** Without case in every script: in the cluster's own collation, C, only ASCII has cases. */
function contains({ listing }: Resource, text: string, sql: Sql): string {
  const pattern = sql.bind(`%${text.replace(/[\\%_]/g, '\\$&')}%`);
  return `(${listing.search.map(({ name }) => `${quoted(name)} ilike ${pattern} collate pg_c_utf8`).join(' or ')})`;
}

function paging({ after, order, limit, skip }: ListQuery, sql: Sql): string {
  const keyset = after === undefined ? '' : ` and ${afterRow(order, after, sql)}`;
  const rows = COMMON_LIMITS.has(limit) ? String(limit + 1) : sql.bind(limit + 1);
  const offset = skip === 0 ? '' : ` offset ${sql.bind(skip)}`;
  return `${keyset} order by ${orderBy(order)} limit ${rows}${offset}`;
}
