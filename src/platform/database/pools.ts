import { createPostgreSqlTypeParsers } from '@mikro-orm/sql';
import pg from 'pg';
import array from 'postgres-array';
import { FencedClient, PREPARE_CORE, PREPARE_TENANT, type Preamble, type Statement } from './fenced-client.js';
import { isLostRace, TRIES } from './lost-race.js';
import { type DatabaseAt, type DatabaseUrls, type Login, Servers } from './servers.js';

export interface PoolOptions {
  /** Connections a pool of the main database may hold. */
  readonly max: number;
  /** Milliseconds after which a connection is replaced: each schema it touched costs it memory. */
  readonly lifetimeMs: number;
}

/** MikroORM's own parsers: times stay text, in UTC. */
const types = new pg.TypeOverrides();
for (const [oid, parse] of Object.entries(createPostgreSqlTypeParsers((text) => array.parse(text)))) {
  types.setTypeParser(Number(oid), parse);
}
/**
 * Nothing is found outside a tenant's transaction; a statement or an abandoned transaction ends by itself. Whoever waits
 * for another's row gives up before those who wait for his connection do: a tenant's quarrel is not its neighbours'.
 * Pages are taken to be in memory or on an SSD: otherwise a plan that is made for tenants of average size reads and sorts
 * all rows of a large one, where an index has them in order.
 */
const SESSION =
  '-c timezone=UTC -c search_path=pg_catalog -c statement_timeout=30s -c lock_timeout=3s -c idle_in_transaction_session_timeout=60s -c random_page_cost=1.1';
const CONNECT_TIMEOUT_MS = 5_000;
const TENANT_POOL_MAX = 4;

/** The logins of requests and jobs; the owner and the mover have connections of their own. */
type ServingLogin = Exclude<Login, 'owner' | 'mover'>;
type PoolOf = DatabaseAt & { readonly login: ServingLogin };

/** Every connection of the process: one pool for each (login, database), shared by the ORMs, Kysely and single statements. */
export class Pools {
  readonly servers: Servers;
  private readonly pools = new Map<string, { readonly of: PoolOf; readonly pool: pg.Pool }>();

  constructor(
    urls: DatabaseUrls,
    private readonly options: PoolOptions,
  ) {
    this.servers = new Servers(urls);
  }

  /** The main database, where core and the shared location are. */
  get main(): DatabaseAt {
    return this.servers.main;
  }

  /** Throws 503 for a server that this node does not know. */
  get(login: ServingLogin, at: DatabaseAt = this.main): pg.Pool {
    const key = `${login}@${at.server}/${at.database}`;
    const known = this.pools.get(key);
    if (known !== undefined) return known.pool;
    const pool = this.open(login, at);
    this.pools.set(key, { of: { login, server: at.server, database: at.database }, pool });
    return pool;
  }

  /**
   * One statement behind its preamble on a connection of the application's login: one round trip, inside the walls. By
   * callbacks, as the pool and pg work: promises of theirs on top are a tenth of what a read costs. One that lost a race
   * is tried again.
   */
  fenced<T>(at: DatabaseAt, preamble: Preamble, statement: Statement): Promise<T[]> {
    const pool = this.get('app', at);
    let tries = 0;
    return new Promise((resolve, reject) => {
      const attempt = (): void => {
        tries++;
        pool.connect((error, client, release) => {
          if (client === undefined) {
            reject(error ?? new Error('the pool gave no connection'));
            return;
          }
          (client as pg.PoolClient & FencedClient).fenced(preamble, statement, (failure, result) => {
            release(failure === null || leavesClean(failure) ? undefined : failure);
            if (failure === null) resolve(result.rows as T[]);
            else if (isOutdated(failure) || (tries < TRIES && isLostRace(failure))) attempt();
            else reject(failure);
          });
        });
      };
      attempt();
    });
  }

  /** Connections by pool: open, idle, and requests that wait for one. */
  usage(): (PoolOf & { total: number; idle: number; waiting: number })[] {
    return [...this.pools.values()].map(({ of, pool: { totalCount, idleCount, waitingCount } }) => ({
      ...of,
      total: totalCount,
      idle: idleCount,
      waiting: waitingCount,
    }));
  }

  async close(): Promise<void> {
    const pools = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.end()));
  }

  private open(login: ServingLogin, at: DatabaseAt): pg.Pool {
    const isMain = this.servers.isMain(at);
    const prepare = isMain ? `${PREPARE_TENANT}; ${PREPARE_CORE}` : PREPARE_TENANT;
    const pool = new pg.Pool({
      connectionString: this.servers.url(login, at),
      application_name: 'tenantry',
      max: isMain ? this.options.max : TENANT_POOL_MAX,
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

/** PostgreSQL's way to say that a table has changed under a prepared statement: nothing ran, and a new connection prepares anew. */
const isOutdated = (error: Error): boolean => 'routine' in error && error.routine === 'RevalidateCachedQuery';
/** An error that PostgreSQL answered leaves the connection clean; any other leaves it unknown. */
const leavesClean = (error: Error): boolean => 'severity' in error && error.severity === 'ERROR' && !isOutdated(error);

/** A direct connection for LISTEN, not yet connected: it belongs to no pool and goes through no transaction pooler. */
export const listenConnection = (connectionString: string): pg.Client =>
  new pg.Client({ connectionString, application_name: 'tenantry listener', keepAlive: true });
