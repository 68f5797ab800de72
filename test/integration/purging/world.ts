import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startApp, type TestApp } from '../../support/app.js';
import type { TestDatabase } from '../../support/database.js';
import { database as product, jobs, Remains, storage, tenancy } from '../../support/dist.js';
import { type Rows, rowsOf } from '../../support/oracles.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';
import { populate } from '../archives/world.js';

export type Isolation = 'shared' | 'schema' | 'database';
const DAY_MS = 86_400_000;
const LATER_S = 86_400;
const CONTENT = 'something';

/** A tenant that is purged, with something in every table and a guest elsewhere, among others. */
export interface World {
  readonly app: TestApp;
  readonly database: TestDatabase;
  readonly mine: Tenant;
  /** One that has a person of the first as its guest. */
  readonly host: Tenant;
  readonly guestId: string;
  readonly purges: InstanceType<typeof tenancy.TenantPurges>;
  readonly moves: InstanceType<typeof tenancy.TenantMoves>;
  /** A location of its own, made and ready. @returns its id */
  newPlace(isolation: 'schema' | 'database'): Promise<string>;
  /** Brings the tenant there. What it leaves is kept. */
  move(isolation: Isolation): Promise<void>;
  /** As of so long ago, in milliseconds. */
  deleteIt(agoMs?: number): Promise<void>;
  /** Now, if it is deleted. */
  purge(onStep?: (step: string) => void): ReturnType<World['purges']['run']>;
  /** How many rows of an organization there are by table, in core and in every schema of every database. */
  remains(organizationId?: string): Promise<Record<string, number>>;
  /** What is stored of somebody: keys in his folder. */
  stored(organizationId: string): Promise<string[]>;
  /** Everybody's rows but its own. */
  others(): Promise<Rows>;
  close(): Promise<void>;
}

/** By default without the mover's login: the application would go on with what a test leaves undone. */
export async function makeWorld(environment: Record<string, string> = { DATABASE_MOVER_URL: '' }): Promise<World> {
  const app = await startApp(undefined, environment);
  const { database } = app;
  const { sql, urls } = database;
  const mine = await tenantOf(database, 'testcorp');
  const host = await tenantOf(database, 'initech');
  await populate(database, mine);
  await fillLedgers(database, mine);
  const files = app.app.get(storage.PlatformStorage);
  for (const { id } of [mine, host])
    for (const key of ['documents/one', 'exports/two/three']) await files.of(id).put(key, content());
  await app.app.get(jobs.Jobs).sendFor(mine.id, 'exports.make', { id: randomUUID() }, { startAfter: LATER_S });
  const guestId = await beGuest(database, mine.id, host);
  const pools = new product.Pools(urls, { max: 2, tenantMax: 2, lifetimeMs: DAY_MS });
  const maker = new product.LocationMaker(urls);
  const targets = { prepare: () => Promise.resolve() };
  const moves = new tenancy.TenantMoves(pools, targets, { moveRetentionMs: DAY_MS });
  const purges = new tenancy.TenantPurges(pools, new Remains(maker, files, app.app.get(jobs.Jobs)));
  const made: string[] = [database.name];
  const newPlace = async (isolation: 'schema' | 'database'): Promise<string> => {
    const id = randomUUID();
    const name = `tenant_${id.slice(0, 8)}`;
    const isSchema = isolation === 'schema';
    await (isSchema ? maker.makeSchema(name) : maker.makeDatabase({ server: 'main', database: name, location: id }));
    if (!isSchema) made.push(name);
    await sql(
      `insert into core.locations (id, isolation, server, database_name, schema_name, status, migration)
       select $4, $1, 'main', $2, $3, 'ready', migration from core.locations where isolation = 'shared' limit 1`,
      [isolation, isSchema ? null : name, isSchema ? name : product.TENANT_SCHEMA, id],
    );
    return id;
  };
  return {
    ...{ app, database, mine, host, guestId, moves, purges, newPlace },
    move: async (isolation) => {
      const [shared] = await sql<{ id: string }>(`select id from core.locations where isolation = 'shared'`);
      const to = isolation === 'shared' ? (shared?.id ?? '') : await newPlace(isolation);
      await moves.run(await moves.request(mine.id, to));
    },
    deleteIt: async (agoMs = 0) => {
      await sql(`update core.organizations set deleted_at = now() - $2 * interval '1 millisecond' where id = $1`, [
        mine.id,
        agoMs,
      ]);
    },
    purge: async (onStep) => {
      // a test that has looked into a database of it is the one whom nobody may cut off
      await sql(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = any ($1) and usename = current_user',
        [made.slice(1)],
      );
      return purges.run(mine.id, { kind: 'deleted', graceMs: 0 }, onStep);
    },
    remains: async (id = mine.id) => remainsOf(urls.superuser, [...made, ...(await databasesOf(database))], id),
    stored: async (id) => {
      const keys: string[] = [];
      for await (const { key } of files.of(id).list()) keys.push(key);
      return keys.sort();
    },
    others: async () => {
      const own = await rowsOf(database, mine.id);
      return new Map([...(await rowsOf(database))].filter(([key]) => !own.has(key)));
    },
    close: async () => {
      await pools.close();
      await app.close();
    },
  };
}

async function* content(): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield Buffer.from(CONTENT);
}

async function fillLedgers({ sql }: TestDatabase, { id, adminId }: Tenant): Promise<void> {
  await sql(`insert into core.exports (id, organization_id, status) values (gen_random_uuid(), $1, 'failed')`, [id]);
  for (const schema of ['core', 'shared']) {
    await sql(
      `insert into ${schema}.idempotency_keys (organization_id, actor_id, method, path, key, request_hash, expires_at)
       values ($1, $2, 'POST', '/x', 'k', 'h', now() + interval '1 day')`,
      [id, adminId],
    );
    await sql(
      `insert into ${schema}.outbox (organization_id, id, event, payload) values ($1, gen_random_uuid(), 'x.happened', '{}')`,
      [id],
    );
  }
}

/** A person of one tenant in another: with a role and a group, somebody who reports to him, and a session. */
async function beGuest({ sql }: TestDatabase, organizationId: string, host: Tenant): Promise<string> {
  const [guest] = await sql<{ id: string }>(
    `select id from core.users where organization_id = $1 and username = 'viewer'`,
    [organizationId],
  );
  const id = guest?.id ?? '';
  const statements = [
    `insert into core.user_tenant_associations (organization_id, user_id) values ($1, $2)`,
    `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
     select gen_random_uuid(), $1, $2, r.scope_id, r.id from core.roles r where r.role_code = 'viewer' and r.organization_id is null`,
    `insert into core.user_group_members (id, organization_id, group_id, user_id)
     select gen_random_uuid(), $1, g.id, $2 from core.user_groups g where g.organization_id = $1 and g.group_code = 'vip_users'`,
    `update core.user_tenant_associations set reports_to_id = $2 where organization_id = $1 and user_id = '${host.adminId}'`,
    `insert into core.sessions (id, user_id, organization_id, refresh_hash, family, expires_at)
     values (gen_random_uuid(), $2, $1, repeat('b', 64), gen_random_uuid(), now() + interval '1 day')`,
  ];
  for (const statement of statements) await sql(statement, [host.id, id]);
  return id;
}

const databasesOf = async ({ places }: TestDatabase): Promise<string[]> =>
  (await places()).map(({ database }) => database);

/** Partitions too, and the schema `tenancy`: past everything that the product itself goes by. */
const TABLES = `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
  where c.relkind in ('r', 'p') and n.nspname !~ '^pg_'`;

async function remainsOf(superuserUrl: string, databases: readonly string[], id: string) {
  const found: Record<string, number> = {};
  for (const name of new Set(databases)) {
    const client = new pg.Client(new URL(`/${name}`, superuserUrl).href);
    try {
      await client.connect();
    } catch (error) {
      if ((error as { code?: string }).code === '3D000') continue;
      throw error;
    }
    const { rows: tables } = await client.query<{ name: string }>(TABLES);
    const asked = tables.map(
      (table) => `select '${table.name}' as name, count(*)::int as count from ${table.name} where organization_id = $1`,
    );
    // the queue calls it a group
    const { rows: queues } = await client.query(`select where to_regclass('pgboss.job') is not null`);
    if (queues.length > 0)
      asked.push(`select 'pgboss.job' as name, count(*)::int as count from pgboss.job where group_id = $1::uuid::text`);
    const { rows } = await client.query<{ name: string; count: number }>(asked.join(' union all '), [id]);
    for (const { name: table, count } of rows) if (count > 0) found[table] = (found[table] ?? 0) + count;
    await client.end();
  }
  return found;
}
