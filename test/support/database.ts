import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Stillness } from './stillness.js';
import { TEMPLATE, urlsOf } from './urls.mjs';

const { port } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { port: number };

/** Plain SQL as the superuser, whom no wall stops: to arrange, and to see what is really stored. */
type Sql = <Row = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<Row[]>;

/** A location with tables of tenants. */
interface Place {
  readonly database: string;
  readonly schema: string;
  /** There: its tables need no schema. */
  readonly sql: Sql;
}

export interface TestDatabase {
  readonly name: string;
  readonly urls: { superuser: string; owner: string; app: string; platform: string; mover: string };
  /** In the main database. */
  readonly sql: Sql;
  /** Where a tenant is at that moment, by its code or id: tables need no schema, and core is elsewhere. */
  at(tenant: string): Pick<Place, 'sql'>;
  /** Every location that has been made, the oldest first. */
  places(): Promise<Place[]>;
  /** The same at every location: the rows of all of them. */
  readonly everywhere: Sql;
  /** What is asked of locations is asked while nobody is being moved. */
  readonly stillness: Stillness;
  drop(): Promise<void>;
}

async function onCluster(...statements: string[]): Promise<void> {
  const client = new pg.Client(urlsOf(port, 'postgres').superuser);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A database of one's own: a copy of the migrated and seeded template (or empty), with copies of its tenants' databases. */
export async function freshDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  await copy(empty ? 'template0' : TEMPLATE, name);
  const urls = urlsOf(port, name);
  const pools = new Map<string, pg.Pool>();
  const sqlAt =
    (database: string, schema?: string): Sql =>
    async <Row>(text: string, values: unknown[] = []) => {
      const key = `${database} ${schema ?? ''}`;
      const pool = pools.get(key) ?? superuser(database, schema);
      pools.set(key, pool);
      return (await pool.query(text, values)).rows as Row[];
    };
  const sql = sqlAt(name);
  const stillness = new Stillness();
  const placeOf = ({ database, schema }: Omit<Place, 'sql'>): Place => ({
    database,
    schema,
    sql: (text, values) => stillness.during(() => sqlAt(database, schema)(text, values)),
  });
  const places = async () => (await sql<Place>(PLACES)).map(placeOf);
  if (!empty) {
    const copies = await sql<{ template: string; name: string }>(RENAME, [`${name}_`]);
    await Promise.all(copies.map((each) => copy(each.template, each.name)));
  }
  return {
    name,
    urls,
    sql,
    at: (tenant) => ({
      sql: (text, values) =>
        stillness.during(async () => {
          const [place] = await sql<Place>(PLACE, [tenant]);
          if (place === undefined) throw new Error(`${tenant} is nowhere`);
          return placeOf(place).sql(text, values);
        }),
    }),
    places,
    everywhere: <Row>(text: string, values?: unknown[]) =>
      stillness.during(async () =>
        (await Promise.all((await places()).map((place) => place.sql<Row>(text, values)))).flat(),
      ),
    stillness,
    drop: async () => {
      await stillness.end();
      // those that the product made as well; where core was taken away, there are none
      const own = await sql<{ name: string }>(OWN).catch(() => []);
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      const names = [...own.map((each) => each.name), name];
      await Promise.all(
        names.map((each) => onCluster(`drop database if exists ${pg.escapeIdentifier(each)} with (force)`)),
      );
    },
  };
}

const PLACE_OF = 'coalesce(l.database_name, current_database()) as database, l.schema_name as schema';
const PLACE = `select ${PLACE_OF} from core.organizations o join core.locations l on l.id = o.location_id
  where o.tenant_code = $1 or o.id::text = $1`;
const PLACES = `select ${PLACE_OF} from core.locations l where l.status not in ('provisioning', 'retired') order by l.created_at, l.id`;
const OWN = `select database_name as name from core.locations where database_name is not null`;
const RENAME = `update core.locations set database_name = replace(database_name, 'tenant_', $1) where database_name is not null
  returning old.database_name as template, new.database_name as name`;

/** Rights on a database are not copied from its template. */
const copy = (template: string, name: string): Promise<void> =>
  onCluster(
    `create database ${name} template ${template} strategy wal_log owner tenantry_owner`,
    `revoke all on database ${name} from public`,
    `grant connect on database ${name} to tenantry_owner, tenantry_app, tenantry_platform, tenantry_mover`,
    `grant temporary on database ${name} to tenantry_mover`,
  );

function superuser(database: string, schema?: string): pg.Pool {
  const path = schema === undefined ? {} : { options: `-c search_path=${schema}` };
  const pool = new pg.Pool({ connectionString: urlsOf(port, database).superuser, max: 2, ...path });
  // dropping the database cuts a connection that is still on its way out
  pool.on('error', () => undefined);
  return pool;
}
