import { createPostgreSqlTypeParsers } from '@mikro-orm/sql';
import pg from 'pg';
import array from 'postgres-array';
import { FencedClient, PREPARE_CORE, PREPARE_TENANT, type Preamble, type Statement } from './fenced-client.js';

/** Connection strings of the logins. The owner's is for migrations alone and need not be there to serve. */
export interface DatabaseUrls {
  readonly owner?: string;
  readonly app: string;
  readonly platform: string;
}
export interface PoolOptions {
  /** Connections a pool of the main database may hold. */
  readonly max: number;
  /** Milliseconds after which a connection is replaced: each schema it touched costs it memory. */
  readonly lifetimeMs: number;
}
export type Login = 'app' | 'platform';

/** MikroORM's own parsers: times stay text, in UTC. */
const types = new pg.TypeOverrides();
for (const [oid, parse] of Object.entries(createPostgreSqlTypeParsers((text) => array.parse(text)))) {
  types.setTypeParser(Number(oid), parse);
}
/** Nothing is found outside a tenant's transaction; a statement or an abandoned transaction ends by itself. */
const SESSION =
  '-c timezone=UTC -c search_path=pg_catalog -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s';
const CONNECT_TIMEOUT_MS = 5_000;
const TENANT_POOL_MAX = 4;

/** Every connection of the process: one pool for each (login, database), shared by the ORMs, Kysely and single statements. */
export class Pools {
  /** The main database, where core and the shared location are. */
  readonly main: string;
  private readonly pools = new Map<string, pg.Pool>();

  constructor(
    private readonly urls: DatabaseUrls,
    private readonly options: PoolOptions,
  ) {
    this.main = decodeURIComponent(new URL(urls.app).pathname.slice(1));
  }

  get(login: Login, database: string = this.main): pg.Pool {
    const key = `${login}@${database}`;
    const pool = this.pools.get(key) ?? this.open(login, database);
    this.pools.set(key, pool);
    return pool;
  }

  /** One statement behind its preamble on a connection of the application's login: one round trip, inside the walls. */
  async fenced(database: string, preamble: Preamble, statement: Statement): Promise<pg.QueryResult> {
    const client = (await this.get('app', database).connect()) as unknown as FencedClient & pg.PoolClient;
    let failure: Error | undefined;
    try {
      return await client.fenced(preamble, statement);
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      // an error that PostgreSQL answered leaves the connection clean; any other leaves it unknown
      client.release(
        failure === undefined || ('severity' in failure && failure.severity === 'ERROR') ? undefined : failure,
      );
    }
  }

  /** A connection string of a login, for what needs a connection of its own (LISTEN). */
  url(login: Login, database: string = this.main): string {
    const url = new URL(this.urls[login]);
    url.pathname = `/${encodeURIComponent(database)}`;
    return url.toString();
  }

  /** Connections by pool: open, idle, and requests that wait for one. */
  usage(): { pool: string; total: number; idle: number; waiting: number }[] {
    return [...this.pools].map(([pool, { totalCount, idleCount, waitingCount }]) => ({
      pool,
      total: totalCount,
      idle: idleCount,
      waiting: waitingCount,
    }));
  }

  async close(): Promise<void> {
    const pools = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(pools.map((pool) => pool.end()));
  }

  private open(login: Login, database: string): pg.Pool {
    const prepare = database === this.main ? `${PREPARE_TENANT}; ${PREPARE_CORE}` : PREPARE_TENANT;
    const pool = new pg.Pool({
      connectionString: this.url(login, database),
      application_name: 'tenantry',
      max: database === this.main ? this.options.max : TENANT_POOL_MAX,
      maxLifetimeSeconds: Math.round(this.options.lifetimeMs / 1000),
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      options: SESSION,
      types,
      Client: FencedClient,
      // awaited by the pool, whatever its types say
      ...(login === 'app'
        ? { onConnect: ((client: pg.ClientBase) => client.query(prepare)) as unknown as () => void }
        : {}),
    });
    // a connection that the server drops is an error event; the statement on it, if any, fails by itself
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }
}

/** A direct connection for LISTEN, not yet connected: it belongs to no pool and goes through no transaction pooler. */
export const listenConnection = (connectionString: string): pg.Client =>
  new pg.Client({ connectionString, application_name: 'tenantry listener', keepAlive: true });
