import { CONNECT_TIMEOUT_MS, IDLE_TIMEOUT_MS } from './client-options.js';
import type { Connected, ConnectionSource } from './connection-source.js';
import { FencedClient } from './fenced-client.js';
import { ServerGate } from './server-gate.js';
import { type TenantConnection, TenantDatabase, type TenantLogin } from './tenant-database.js';

export interface TenantConnectionsOptions {
  /** The budget: connections of all databases together. */
  readonly max: number;
  /** Age in milliseconds at which a connection that comes back is closed. */
  readonly lifetimeMs: number;
  readonly connectTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
}

/** Connections of one login to one database. */
const DATABASE_MAX = 4;
/** Connections to one server that may be on their way at once; half of a small budget. */
const OPENING_MAX = 8;
/** Milliseconds that a server has to close its end; one that takes longer is taken to be gone, and its connection with it. */
const CLOSE_TIMEOUT_MS = 2_000;
const NONE = (): void => undefined;

interface Waiter {
  readonly database: TenantDatabase;
  readonly connected: Connected;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The connections of all tenant databases, opened when they are needed, under one budget that is never passed: one counts
 * from before it is opened until the server has closed it. Who finds none free takes the place of the connection that
 * nobody has used for longest, or waits: first come, first served, except that nobody waits for a place which he alone
 * could not take. Errors go to who asked; none is thrown.
 */
export class TenantConnections {
  /** Those that have a connection, or somebody who waits for one. */
  private readonly databases = new Map<string, TenantDatabase>();
  private readonly gates = new Map<string, ServerGate>();
  private readonly waiting = new Set<Waiter>();
  /** The one that was used least recently comes first. */
  private readonly idle = new Set<TenantConnection>();
  /** Those in any state. */
  private readonly all = new Set<TenantConnection>();
  private closing = 0;
  private draining: PromiseWithResolvers<void> | undefined;

  constructor(private readonly options: TenantConnectionsOptions) {}

  /** @param login asked for once, unless there are connections already */
  source(key: string, login: () => TenantLogin): ConnectionSource {
    return this.databases.get(key) ?? this.sourceOf(key, login());
  }

  /** The sources that have a connection, or somebody who waits for one. */
  sources(): { readonly of: TenantLogin; readonly source: ConnectionSource }[] {
    return [...this.databases.values()].map((source) => ({ of: source.login, source }));
  }

  /** Refuses who comes from now on, serves who waits, and resolves when each connection has come back and is closed. */
  close(): Promise<void> {
    this.draining ??= Promise.withResolvers();
    this.serve();
    return this.draining.promise;
  }

  /** Cuts all connections, whatever is under way on them: for who has waited long enough for `close`. */
  abort(): void {
    for (const { client } of this.all) client.abort();
  }

  private sourceOf(key: string, login: TenantLogin): TenantDatabase {
    let gate = this.gates.get(login.server);
    if (gate === undefined) {
      gate = new ServerGate(login.server, Math.max(1, Math.min(OPENING_MAX, Math.floor(this.options.max / 2))));
      this.gates.set(login.server, gate);
    }
    return new TenantDatabase(key, login, gate, (database, connected) => this.connect(database, connected));
  }

  /** Calls back at a later tick. */
  private connect(source: TenantDatabase, connected: Connected): void {
    if (this.draining !== undefined) {
      process.nextTick(connected, new Error('Cannot use a pool after calling end on the pool'), undefined, NONE);
      return;
    }
    // somebody may have kept a source which was forgotten, and another one taken its place
    const database = this.databases.get(source.key) ?? source;
    this.databases.set(database.key, database);
    const waiter: Waiter = { database, connected, timer: undefined };
    this.waiting.add(waiter);
    database.waitingCount++;
    const idle = database.idle.at(-1);
    if (idle !== undefined) {
      this.lease(idle, waiter);
      return;
    }
    this.serve();
    if (!this.waiting.has(waiter)) return;
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.options;
    waiter.timer = setTimeout(
      () => this.answer(waiter, new Error('timeout exceeded when trying to connect')),
      connectTimeoutMs,
    );
  }

  /** Runs whenever something has changed for those who wait. */
  private serve(): void {
    if (this.waiting.size > 0) this.serveWaiting();
    if (this.draining === undefined) return;
    for (const connection of this.idle) this.end(connection);
    if (this.all.size === 0 && this.waiting.size === 0) this.draining.resolve();
  }

  /** Gives what there is, in the order of asking. */
  private serveWaiting(): void {
    const ahead = new Map<TenantDatabase, number>();
    const lacking = new Map<ServerGate, number>();
    const someAreAway = [...this.gates.values()].some(({ isAway }) => isAway);
    let room = this.closing;
    for (const waiter of this.waiting) {
      if (this.idle.size === 0 && this.isSpent && !someAreAway) break;
      const { database } = waiter;
      const place = ahead.get(database) ?? 0;
      const before = lacking.get(database.gate) ?? 0;
      if (this.lacksRoom(waiter, place, before)) {
        lacking.set(database.gate, before + 1);
        // what is being closed makes room for the first of them
        if (room > 0) room--;
        else this.closeOldest();
      }
      if (this.waiting.has(waiter)) ahead.set(database, place + 1);
    }
  }

  /**
   * Serves one if it can. Whether the budget alone is in his way.
   * @param place how many wait before him for this database
   * @param before how many before him, for this server, have only the budget in their way
   */
  private lacksRoom(waiter: Waiter, place: number, before: number): boolean {
    const { database } = waiter;
    const idle = database.idle.at(-1);
    if (idle !== undefined) {
      this.lease(idle, waiter);
      return false;
    }
    // his connection is on its way, or those before him take all that his database may have
    if (place < database.opening || place >= database.opening + DATABASE_MAX - database.totalCount) return false;
    const refusal = database.gate.refusal();
    if (refusal !== undefined) {
      this.answer(waiter, refusal);
      return false;
    }
    if (database.gate.free <= before) return false;
    if (this.isSpent) return true;
    this.open(waiter);
    return false;
  }

  private get isSpent(): boolean {
    return this.all.size >= this.options.max;
  }

  /** For whoever waits first for this database when it is open. */
  private open(waiter: Waiter): void {
    const { database } = waiter;
    let client: FencedClient;
    try {
      // options can name a file that is not there
      client = new FencedClient(database.login.options);
    } catch (error) {
      this.answer(waiter, error as Error);
      return;
    }
    const connection: TenantConnection = {
      database,
      client,
      state: 'opening',
      ended: false,
      timer: undefined,
      expiresAt: 0,
    };
    this.all.add(connection);
    database.totalCount++;
    database.opening++;
    const attempt = database.gate.begin();
    client.on('error', () => {
      // of one that is in use its statements tell
      if (connection.state === 'idle') this.end(connection);
    });
    client.once('end', () => {
      connection.ended = true;
      if (connection.state === 'closing') this.forget(connection);
    });
    connection.timer = setTimeout(() => client.abort(), this.options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS);
    void prepared(client, database.login.prepare).then((error) => this.opened(connection, attempt, error));
  }

  private opened(connection: TenantConnection, attempt: number, error: Error | undefined): void {
    const { database } = connection;
    database.opening--;
    database.gate.ended(attempt, error);
    connection.expiresAt = performance.now() + this.options.lifetimeMs;
    if (error !== undefined) {
      for (const waiter of this.waiting) {
        if (waiter.database !== database) continue;
        this.answer(waiter, error);
        break;
      }
    }
    this.takeBack(connection, error);
  }

  private lease(connection: TenantConnection, waiter: Waiter): void {
    this.leaveIdle(connection);
    connection.state = 'leased';
    let isBack = false;
    const release = (error?: Error | boolean): void => {
      if (isBack) return;
      isBack = true;
      this.takeBack(connection, error);
    };
    this.answer(waiter, undefined, Object.assign(connection.client, { release }), release);
  }

  private takeBack(connection: TenantConnection, error: Error | boolean | undefined): void {
    clearTimeout(connection.timer);
    const isGood = (error === undefined || error === false) && connection.client.isUsable;
    if (isGood && performance.now() < connection.expiresAt) this.keep(connection);
    else this.end(connection);
    this.serve();
  }

  private keep(connection: TenantConnection): void {
    connection.state = 'idle';
    connection.database.idle.push(connection);
    this.idle.add(connection);
    connection.timer = setTimeout(() => this.end(connection), this.options.idleTimeoutMs ?? IDLE_TIMEOUT_MS).unref();
  }

  private leaveIdle(connection: TenantConnection): void {
    clearTimeout(connection.timer);
    this.idle.delete(connection);
    const { idle } = connection.database;
    const index = idle.lastIndexOf(connection);
    if (index !== -1) idle.splice(index, 1);
  }

  private closeOldest(): void {
    const [oldest] = this.idle;
    if (oldest !== undefined) this.end(oldest);
  }

  private end(connection: TenantConnection): void {
    this.leaveIdle(connection);
    connection.state = 'closing';
    this.closing++;
    if (connection.ended) {
      process.nextTick(() => this.forget(connection));
      return;
    }
    connection.timer = setTimeout(() => connection.client.abort(), CLOSE_TIMEOUT_MS);
    void connection.client.end();
  }

  private forget(connection: TenantConnection): void {
    clearTimeout(connection.timer);
    this.closing--;
    this.all.delete(connection);
    connection.database.totalCount--;
    this.forgetUnused(connection.database);
    this.serve();
  }

  private answer(waiter: Waiter, ...[error, client, release = NONE]: Partial<Parameters<Connected>>): void {
    clearTimeout(waiter.timer);
    this.waiting.delete(waiter);
    waiter.database.waitingCount--;
    this.forgetUnused(waiter.database);
    // later: what it does to the connections must not meet them half way
    process.nextTick(waiter.connected, error, client, release);
  }

  private forgetUnused({ key, totalCount, waitingCount }: TenantDatabase): void {
    if (totalCount === 0 && waitingCount === 0) this.databases.delete(key);
  }
}

/** The error for which there is no connection; undefined: it is open. */
async function prepared(client: FencedClient, prepare: string | undefined): Promise<Error | undefined> {
  try {
    await client.connect();
    if (prepare !== undefined) await client.query(prepare);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
