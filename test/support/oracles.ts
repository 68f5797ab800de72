import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TestDatabase } from './database.js';
import { database as product } from './dist.js';
import { IS_MOVING } from './patiently.js';

/** Every row of every tenant-owned table, by `core.users id` or, at whatever location, `shared.boards id`, as a hash of all that it holds. */
export type Rows = ReadonlyMap<string, string>;

const TENANT_TABLES = `select n.nspname || '.' || quote_ident(c.relname) as name, quote_ident(c.relname) as table,
    exists (select from pg_attribute i where i.attrelid = c.oid and i.attname = 'id') as has_id
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
  where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = $1 order by 1`;

/** What a move leaves in core of a tenant that is moved all the time. */
const OF_MOVES = new Set(['core.moves', 'core.access_version']);
const MOVED = `(to_jsonb(t) - '{epoch,location_id,version,updated_at}'::text[])`;

interface Statements {
  /** A line for each row. */
  readonly rows: string;
  /** A line for each table that has any. */
  readonly tables: string;
}
const statements = new WeakMap<TestDatabase, Map<string, Promise<Statements>>>();

/** The rows of one organization in core and at all locations, itself included; of all organizations without an id. */
export const rowsOf = (database: TestDatabase, organizationId?: string): Promise<Rows> =>
  read(database, 'rows', organizationId);

/** The same, added up by table: less to carry where nothing should have changed. */
export const checksumsOf = (database: TestDatabase, organizationId?: string): Promise<Rows> =>
  read(database, 'tables', organizationId);

const read = (database: TestDatabase, what: keyof Statements, organizationId: string | undefined): Promise<Rows> =>
  database.stillness.during(() => readStill(database, what, organizationId));

async function readStill(
  database: TestDatabase,
  what: keyof Statements,
  organizationId: string | undefined,
): Promise<Rows> {
  const known = statements.get(database) ?? new Map<string, Promise<Statements>>();
  statements.set(database, known);
  const found = await Promise.all(
    [{ database: database.name, schema: 'core', sql: database.sql }, ...(await database.places())].map(
      async (place) => {
        const name = `${place.database}.${place.schema}`;
        const made = known.get(name) ?? statementsOf(place);
        known.set(name, made);
        return place.sql<{ key: string; hash: string }>((await made)[what], [organizationId ?? null]);
      },
    ),
  );
  const rows = new Map<string, string>();
  // a table has a sum at each location
  for (const { key, hash } of found.flat()) rows.set(key, `${rows.get(key) ?? ''} ${hash}`);
  return rows;
}

async function statementsOf({ schema, sql }: Pick<TestDatabase, 'sql'> & { schema: string }): Promise<Statements> {
  const tables = await sql<{ name: string; table: string; has_id: boolean }>(TENANT_TABLES, [schema]);
  if (tables.length < 10) throw new Error('the tables of tenants were not found');
  const from = (name: string) =>
    `from ${name} t where ($1::uuid is null or t.${name === 'core.organizations' ? 'id' : 'organization_id'} = $1)${IS_MOVING && name === 'core.audit_log' ? ` and action <> 'move'` : ''}`;
  const hashOf = (name: string) =>
    `hashtextextended(${IS_MOVING && name === 'core.organizations' ? MOVED : 't'}::text, 0)`;
  const organizations = { name: 'core.organizations', table: 'organizations', has_id: true };
  const all = (schema === 'core' ? [...tables, organizations] : tables).filter(
    ({ name }) => !IS_MOVING || !OF_MOVES.has(name),
  );
  const called = (table: string) => `${schema === 'core' ? 'core' : 'shared'}.${table} `;
  const rows = all.map(
    ({ name, table, has_id: hasId }) =>
      `select '${called(table)}' || ${hasId ? 't.id' : 'md5(t::text)'} as key, ${hashOf(name)}::text as hash ${from(name)}`,
  );
  const sums = all.map(
    ({ name, table }) =>
      `select '${called(table)}' as key, count(*) || ' ' || sum(${hashOf(name)}) as hash ${from(name)} having count(*) > 0`,
  );
  return { rows: rows.join(' union all '), tables: sums.join(' union all ') };
}

/** The rows that were made, changed or removed in between. @param of the tables to look at, as a pattern of their names */
export function changedRows(before: Rows, after: Rows, of = /./): string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => of.test(key) && before.get(key) !== after.get(key)).sort();
}

/** Rows of the first that are not in the second as they were; what came since is none of them. */
export const tamperedRows = (before: Rows, after: Rows): string[] =>
  changedRows(before, after, /^(?!core\.access_version )/).filter((key) => before.has(key));

/** A word in every tenant's data that must never be in an answer to another. By tenant code. */
export type Canaries = ReadonlyMap<string, string>;

/** Puts each tenant's canary into its own rows: free-form data, names of people, its own name. */
export async function plantCanaries(database: TestDatabase): Promise<Canaries> {
  const organizations = await database.sql<{ id: string; tenant_code: string }>(
    'select id, tenant_code from core.organizations',
  );
  const canaries = new Map<string, string>();
  for (const { id, tenant_code: code } of organizations) {
    const canary = `canary-${code}-${randomBytes(6).toString('hex')}`;
    canaries.set(code, canary);
    const { sql } = database.at(id);
    const tables = await sql<{ name: string }>(
      `select table_name as name from information_schema.columns where table_schema = current_schema() and column_name = 'metadata'`,
    );
    for (const { name } of tables)
      await sql(
        `update ${name} set metadata = metadata || jsonb_build_object('canary', $2::text) where organization_id = $1`,
        [id, canary],
      );
    await database.sql('update core.users set full_name = $2 where organization_id = $1', [id, canary]);
    await database.sql('update core.organizations set tenant_name = $2 where id = $1', [id, canary]);
  }
  return canaries;
}

/** What clients have left behind is done all the same, one after the other. */
const SETTLED_MS = 30_000;
/** What `Pools` gives every connection at its start. */
const SEARCH_PATH = 'pg_catalog';

/**
 * What requests have left on the connections of an application: transactions that stay open, settings of a tenant on a
 * connection that goes to the next one, a search path that is not the login's own.
 */
export const faultsOfConnections = (app: NestFastifyApplication, database: TestDatabase): Promise<string[]> =>
  database.stillness.during(() => faultsAtRest(app, database));

async function faultsAtRest(app: NestFastifyApplication, database: TestDatabase): Promise<string[]> {
  const databases = [database.name, ...(await database.places()).map((place) => place.database)];
  const open = () =>
    database.sql<{ query: string }>(
      `select state || ': ' || query as query from pg_stat_activity
       where datname = any ($1) and (state like 'idle in transaction%' or (state = 'active' and xact_start < now() - interval '1 second'))`,
      [databases],
    );
  let left = await open();
  for (const until = Date.now() + SETTLED_MS; left.length > 0 && Date.now() < until; left = await open())
    await sleep(50);
  return [...left.map(({ query }) => `left open: ${query}`), ...(await settingsLeft(app))];
}

async function settingsLeft(app: NestFastifyApplication): Promise<string[]> {
  const pools = app.get(product.Pools);
  const faults: string[] = [];
  for (const { login, total, ...at } of pools.usage()) {
    const name = `${login}@${at.server}/${at.database}`;
    const pool = pools.get(login, at);
    // all at once, so that each of them is met
    const clients = await Promise.all(Array.from({ length: total }, () => pool.connect()));
    for (const client of clients) {
      const { rows } = await client.query<Record<string, string | null>>(
        `select current_setting('search_path') as search_path, current_setting('app.organization_id', true) as organization,
           current_setting('app.core_organization_id', true) as core_organization, current_setting('app.user_id', true) as user,
           current_setting('app.sees_users', true) as sees_users`,
      );
      const { search_path: path, ...settings } = rows[0] ?? {};
      if (path !== SEARCH_PATH) faults.push(`${name}: the search path is ${String(path)}`);
      for (const [setting, value] of Object.entries(settings))
        if (value !== null && value !== '') faults.push(`${name}: ${setting} is still ${value}`);
      client.release();
    }
  }
  return faults;
}

/** An entry of the audit log: `core.users <id>`, or, at whatever location, `shared.boards <id>`. */
export interface AuditedRow {
  readonly row: string;
  readonly action: string;
  readonly outcome: string;
  readonly changes: string | null;
}

/** The entries, of both planes, that requests under this id have left. @param like a pattern of SQL */
export async function auditOf(database: TestDatabase, like: string): Promise<AuditedRow[]> {
  const entries = (plane: string, table: string) =>
    `select '${plane}.' || resource || ' ' || coalesce(resource_id::text, '') as row, action, outcome,
       changes::text as changes from ${table} where request_id like $1`;
  const [atPlaces, inCore] = await Promise.all([
    database.everywhere<AuditedRow>(entries('shared', 'audit_log'), [like]),
    database.sql<AuditedRow>(entries('core', 'core.audit_log'), [like]),
  ]);
  return [...atPlaces, ...inCore];
}
