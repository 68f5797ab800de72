import pg from 'pg';
import { Conflict, defineProblem, isProblem, Problem } from '../../../common/problem.js';
import {
  CONNECT_TIMEOUT_MS,
  type DatabaseAt,
  Foreign,
  isMarked,
  LOCATION_LOCK,
  type Servers,
} from '../../database/index.js';
import { isLockTimeout } from './short-locks.js';

/**
 * Texts of values must be the same on both sides; a mover that is cut off is noticed; what it commits is on disk. It may
 * take its time where it holds nobody up.
 */
const OPTIONS =
  '-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=1 -c search_path=pg_catalog -c synchronous_commit=on -c jit=off -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c idle_session_timeout=60s -c idle_in_transaction_session_timeout=60s';
/** A mover that lives says so on each connection; one that hangs loses them, and its lease, after a minute. */
const ALIVE_MS = 10_000;
/** Milliseconds that a backend of a mover that died may take to end, with a statement in hand. */
const PREDECESSOR_MS = 15_000;

/** A direct connection of a mover, outside of all pools. */
export async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: 'tenantry move',
    options: OPTIONS,
    // a server that swallows connections is one that is away
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // a lost connection fails the statement on it, or the next one
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const InHand = defineProblem({
  code: 'conflict',
  status: 409,
  detail:
    'Another process has this tenant in hand: it is being made, moved, exported, restored or purged. Try again when that is over.',
});
/** Whether another process has a tenant in hand, which it will have no more some time. */
export const isInHand = (error: unknown): boolean => error instanceof Problem && error.definition === InHand.definition;

async function lock(client: pg.Client, name: string, limitMs: number): Promise<void> {
  await client.query(`set lock_timeout = ${String(limitMs)}`);
  await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
  await client.query('set lock_timeout = 0');
}

const CUT_OFF = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and pg_has_role(usesysid, 'usage')`;

/** Binds a connection to one tenant. @returns what the database's comment says */
const BIND = `select set_config('app.organization_id', $1, false), shobj_description(oid, 'pg_database') as comment
  from pg_database where datname = current_database()`;
const NO_DATABASE = '3D000';

/** A database, and the location that it is where it is one tenant's own. */
export type PlaceAt = DatabaseAt & { readonly id?: string };

/** What a mover works with: a connection to core, which holds the lease, and those of the places. */
export class MoveSession {
  private readonly clients: pg.Client[] = [];
  private readonly alive = setInterval(() => {
    for (const client of this.clients) client.query('select 1').catch(() => undefined);
  }, ALIVE_MS).unref();

  private constructor(
    private readonly servers: Servers,
    private readonly organizationId: string,
    readonly core: pg.Client,
  ) {
    this.clients.push(core);
  }

  /**
   * One mover at a time for a tenant: the lease is an advisory lock of the connection that all notes in core go through,
   * so that a mover without it can note nothing. @param patienceMs for which another's end is waited for @throws Conflict
   */
  static async open(servers: Servers, organizationId: string, patienceMs: number): Promise<MoveSession> {
    const core = await connect(servers.url('platform'));
    const session = new MoveSession(servers, organizationId, core);
    try {
      await lock(core, `move:${organizationId}`, patienceMs);
      return session;
    } catch (error) {
      await session.close();
      throw isLockTimeout(error) ? InHand() : error;
    }
  }

  /** Keeps those out who would change the tables of a location, until the lease is given back. Waits for one who does. */
  async holdLocation(id: string): Promise<void> {
    await this.core.query(`set lock_timeout = ${String(PREDECESSOR_MS)}`);
    await this.core.query(`select pg_advisory_lock_shared(${LOCATION_LOCK('$1::text')})`, [id]);
    await this.core.query('set lock_timeout = 0');
  }

  /**
   * The mover's login in a place's database, bound to the one tenant. A backend that a dead mover left may still be at
   * work there: it holds the same lock, and is waited for. @throws Conflict: it is another installation's
   */
  async at(role: 'source' | 'target', place: PlaceAt): Promise<pg.Client> {
    const client = await connect(this.servers.url('mover', place));
    this.clients.push(client);
    const { rows } = await client.query<{ comment: string | null }>(BIND, [this.organizationId]);
    const isOurs = this.servers.isMain(place) || isMarked(rows[0]?.comment ?? null, place.id ?? '');
    if (!isOurs) throw Foreign(place);
    await lock(client, `move:${role}:${this.organizationId}`, PREDECESSOR_MS);
    return client;
  }

  /** The same. undefined: there is no such database of this installation's. */
  async find(role: 'source' | 'target', place: PlaceAt): Promise<pg.Client | undefined> {
    try {
      return await this.at(role, place);
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === NO_DATABASE;
      if (isMissing || isProblem(error, Conflict.definition.code)) return undefined;
      throw error;
    }
  }

  /**
   * Gives back the one connection there, and has those of all nodes cut off by the logins that they are of, as the owner may
   * not: a database cannot be dropped while somebody is connected, and what is idle stays in its pool for a while.
   */
  async leaveAlone(client: pg.Client, at: DatabaseAt): Promise<void> {
    const platform = await connect(this.servers.url('platform', at));
    try {
      await client.query(CUT_OFF);
      this.clients.splice(this.clients.indexOf(client), 1);
      await client.end();
      await platform.query(CUT_OFF);
    } finally {
      await platform.end();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.alive);
    // the lease last
    for (const client of this.clients.toReversed()) await client.end().catch(() => undefined);
  }
}

/** Milliseconds that the connections of somebody who has just ended may take to be gone. */
const LEASE_MS = 1_000;

/** Does what nobody else does at the same time to this tenant as a whole, whichever process. @throws Conflict */
export async function leased<T>(
  servers: Servers,
  organizationId: string,
  work: (session: MoveSession) => Promise<T>,
  patienceMs = LEASE_MS,
): Promise<T> {
  const session = await MoveSession.open(servers, organizationId, patienceMs);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
