import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isOutdated, leavesClean } from './after-error.js';
import { CONNECT_TIMEOUT_MS, clientOptions, IDLE_TIMEOUT_MS, isPooled } from './client-options.js';
import type { ConnectionSource } from './connection-source.js';
import { FencedClient, PREPARE_CORE, PREPARE_TENANT, type Preamble, type Statement } from './fenced-client.js';
import { isLostRace, TRIES } from './lost-race.js';
import { type DatabaseAt, type DatabaseUrls, type Login, Servers } from './servers.js';
import { TenantConnections } from './tenant-connections.js';

export interface PoolOptions {
  /** Connections a pool of the main database may hold; so many in use make another server busy. */
  readonly max: number;
  /** Connections to all other databases together. */
  readonly tenantMax: number;
  /** Milliseconds after which a connection is replaced: each schema it touched costs it memory. */
  readonly lifetimeMs: number;
}

/** The logins of requests and jobs; the owner and the mover have connections of their own. */
type ServingLogin = Exclude<Login, 'owner' | 'mover'>;
type PoolOf = DatabaseAt & { readonly login: ServingLogin };

/** Milliseconds for which the end waits for connections that are in use. */
const CLOSE_MS = 3_000;
/** Milliseconds for which it waits, once they are cut, for those who have them to notice. */
const CUT_MS = 500;

/**
 * Every connection of the process, shared by the ORMs, Kysely and single statements: a pool for each login to the main
 * database, and one budget for all databases of tenants.
 */
export class Pools {
  readonly servers: Servers;
  private readonly mainPools = new Map<ServingLogin, pg.Pool>();
  /** The connections of those pools. */
  private readonly mainClients = new Set<pg.Client>();
  private readonly tenants: TenantConnections;

  constructor(
    urls: DatabaseUrls,
    private readonly options: PoolOptions,
  ) {
    this.servers = new Servers(urls);
    this.tenants = new TenantConnections({
      ...{ max: options.tenantMax, busyAt: options.max, lifetimeMs: options.lifetimeMs },
    });
  }

  /** The main database, where core and the shared location are. */
  get main(): DatabaseAt {
    return this.servers.main;
  }

  /** Throws 503 for a server that this node does not know. */
  get(login: ServingLogin, at: DatabaseAt = this.main): ConnectionSource {
    if (this.servers.isMain(at)) return this.mainPool(login);
    const { server, database } = at;
    return this.tenants.source(`${login}@${server}/${database}`, () => {
      const url = this.servers.url(login, at);
      return {
        ...{ login, server, database, options: clientOptions(url) },
        ...(login === 'app' && !isPooled(url) ? { prepare: PREPARE_TENANT } : {}),
      };
    });
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

  /** Connections by login and database: open, idle, and requests that wait for one. */
  usage(): (PoolOf & { total: number; idle: number; waiting: number })[] {
    const main = [...this.mainPools].map(([login, source]) => ({ of: { login, ...this.main }, source }));
    return [...main, ...this.tenants.sources()].map(({ of: { login, server, database }, source }) => ({
      ...{ login, server, database },
      total: source.totalCount,
      idle: source.idleCount,
      waiting: source.waitingCount,
    }));
  }

  /** Waits for the connections that are in use; cuts those that are not back in time, for a server may never answer. */
  async close(limitMs = CLOSE_MS): Promise<void> {
    const pools = [...this.mainPools.values()];
    this.mainPools.clear();
    const closed = Promise.all([this.tenants.close(), ...pools.map((pool) => pool.end())]);
    if (await isWithin(closed, limitMs)) return;
    for (const client of this.mainClients) (client as FencedClient).abort();
    this.tenants.abort();
    // whoever never gives one back is not waited for
    await isWithin(closed, CUT_MS);
  }

  private mainPool(login: ServingLogin): pg.Pool {
    let pool = this.mainPools.get(login);
    if (pool === undefined) this.mainPools.set(login, (pool = this.openMain(login)));
    return pool;
  }

  private openMain(login: ServingLogin): pg.Pool {
    const url = this.servers.url(login);
    const pool = new pg.Pool({
      ...clientOptions(url),
      max: this.options.max,
      maxLifetimeSeconds: Math.round(this.options.lifetimeMs / 1000),
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      Client: FencedClient,
      // awaited by the pool, whatever its types say
      ...(login === 'app' && !isPooled(url)
        ? {
            onConnect: ((client: pg.ClientBase) =>
              client.query(`${PREPARE_TENANT}; ${PREPARE_CORE}`)) as unknown as () => void,
          }
        : {}),
    });
    // a connection that the server drops is an error event; the statement on it, if any, fails by itself
    pool.on('error', () => undefined);
    pool.on('connect', (client) => {
      client.on('error', () => undefined);
      this.mainClients.add(client);
    });
    pool.on('remove', (client) => this.mainClients.delete(client));
    return pool;
  }
}

/** A direct connection for LISTEN, not yet connected: it belongs to no pool and goes through no transaction pooler. */
export const listenConnection = (connectionString: string): pg.Client =>
  new pg.Client({ connectionString, application_name: 'tenantry listener', keepAlive: true });

/** Whether it has ended by then. @throws what it throws */
async function isWithin(ending: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(ms, false, { signal: over.signal }).catch(() => false);
  try {
    return await Promise.race([ending.then(() => true), late]);
  } finally {
    over.abort();
  }
}
