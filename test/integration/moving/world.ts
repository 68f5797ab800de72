import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type TestApp, startApp } from '../../support/app.js';
import type { TestDatabase } from '../../support/database.js';
import { database as databaseModule, tenancy } from '../../support/dist.js';
import { newPlace } from '../../support/places.js';
import { planeOf } from '../../support/plane.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';

/** The database of a location, asked as the superuser. */
type PlaceDatabase = Pick<TestDatabase, 'sql'>;

/** A location, and how it is asked past every wall. */
export interface Place {
  readonly id: string;
  readonly schema: string;
  readonly database: PlaceDatabase;
}

/** A tenant that is moved, a neighbour who notices nothing, and places to move to. */
export interface World {
  readonly app: TestApp;
  readonly mine: Tenant;
  readonly moves: InstanceType<typeof tenancy.TenantMoves>;
  readonly shared: Place;
  readonly plane: ReturnType<typeof planeOf>;
  newSchema(): Promise<Place>;
  newDatabase(): Promise<Place>;
  /** A location that is there, asked as the superuser. */
  placeAt(id: string, superuserUrl: string, schema: string): Place;
  /** Asks for a move and makes it. */
  move(to: Place): ReturnType<World['moves']['run']>;
  /** Everything that a place has of the tenant, by table: a count and a checksum. */
  sums(place: Place, organizationId?: string): Promise<Record<string, string>>;
  /** How many rows a place has of the tenant. */
  rows(place: Place): Promise<number>;
  /** How many leads. */
  leads(place: Place): Promise<number>;
  /** Names of triggers that a move has left, and its lines in the log. */
  traces(place: Place): Promise<unknown[]>;
  close(): Promise<void>;
}

const LEADS = `insert into shared.crm_leads (organization_id, id, name, metadata, tags, estimated_value, currency)
  select $1, gen_random_uuid(), 'Lead ' || n, jsonb_build_object('n', n, 'nothing', null, 'text', E'a\\tb\\\\\\n"ü' || n), '["a"]', n / 100.0, 'EUR' from generate_series(1, $2::int) n`;
const DAY_MS = 86_400_000;

/** Without the mover's login: the application would go on with what a test leaves undone. */
const NO_MOVER = { DATABASE_MOVER_URL: '' };

export async function makeWorld(leads: number, environment: Record<string, string> = NO_MOVER): Promise<World> {
  const app = await startApp(undefined, environment);
  const opened: pg.Pool[] = [];
  const { sql } = app.database;
  const mine = await tenantOf(app.database, 'testcorp');
  await sql(LEADS, [mine.id, leads]);
  // what JSON would not bring over: a null inside jsonb is not a null
  await sql(
    `insert into shared.idempotency_keys (organization_id, actor_id, method, path, key, request_hash, answer, expires_at)
     values ($1, $2, 'POST', '/x', 'k', 'h', 'null', now() + interval '1 day')`,
    [mine.id, mine.adminId],
  );
  await thread(app.database, mine.id);
  const pools = new databaseModule.Pools(app.database.urls, { max: 2, tenantMax: 2, lifetimeMs: DAY_MS });
  const targets = { prepare: () => Promise.resolve() };
  const moves = new tenancy.TenantMoves(pools, targets, { moveRetentionMs: DAY_MS });
  const placeAt = (id: string, superuserUrl: string, schema: string): Place => {
    const pool = new pg.Pool({ connectionString: superuserUrl, max: 2 });
    pool.on('error', () => undefined);
    opened.push(pool);
    const ask = async <Row>(text: string, values: unknown[] = []) => (await pool.query(text, values)).rows as Row[];
    return { id, schema, database: { sql: ask } };
  };
  const [first] = await sql<{ id: string }>(`select id from core.locations where schema_name = 'shared'`);
  const rowsOf = async ({ database, schema }: Place, organizationId: string): Promise<Record<string, string>> => {
    const sums: Record<string, string> = {};
    for (const table of await tablesOf(database, schema)) {
      const [row] = await database.sql<{ sum: string }>(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as sum from ${schema}.${table} t where organization_id = $1`,
        [organizationId],
      );
      sums[table] = row?.sum ?? '';
    }
    return sums;
  };
  return {
    app,
    mine,
    moves,
    shared: { id: first?.id ?? '', schema: 'shared', database: app.database },
    plane: planeOf(app.app),
    newSchema: async () => {
      const { id, schema } = await newPlace(app.database, 'schema');
      return { id, schema, database: app.database };
    },
    newDatabase: async () => {
      const { id, schema, database } = await newPlace(app.database, 'database');
      return placeAt(id, new URL(`/${String(database)}`, app.database.urls.superuser).href, schema);
    },
    placeAt,
    move: async (to) => moves.run(await moves.request(mine.id, to.id)),
    sums: (place, organizationId = mine.id) => rowsOf(place, organizationId),
    rows: async (place) =>
      Object.values(await rowsOf(place, mine.id)).reduce((sum, text) => sum + Number.parseInt(text, 10), 0),
    leads: async ({ database, schema }) => {
      const [row] = await database.sql<{ count: number }>(
        `select count(*)::int as count from ${schema}.crm_leads where organization_id = $1`,
        [mine.id],
      );
      return row?.count ?? 0;
    },
    traces: async ({ database, schema }) => [
      ...(await database.sql(
        `select c.relname, t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace = $1::regnamespace and t.tgname like 'move%'`,
        [schema],
      )),
      ...(await database.sql('select * from tenancy.move_log')),
    ],
    close: async () => {
      await Promise.all([pools.close(), ...opened.map((pool) => pool.end())]);
      await app.close();
    },
  };
}

/** Rows that refer to one another, deeper than any order of copying knows. */
async function thread({ sql }: PlaceDatabase, organizationId: string): Promise<void> {
  const [post] = await sql<{ id: string }>('select id from shared.posts where organization_id = $1 limit 1', [
    organizationId,
  ]);
  let parent: string | null = null;
  for (let depth = 0; depth < 5; depth++) {
    const id = randomUUID();
    await sql(
      `insert into shared.comments (organization_id, id, post_id, parent_id, content) values ($1, $2, $3, $4, 'deep')`,
      [organizationId, id, post?.id, parent],
    );
    parent = id;
  }
}

async function tablesOf({ sql }: PlaceDatabase, schema: string): Promise<string[]> {
  const rows = await sql<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id') order by 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}
