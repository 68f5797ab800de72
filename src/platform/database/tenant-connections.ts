import { CONNECT_TIMEOUT_MS, IDLE_TIMEOUT_MS } from './client-options.js';
import type { Connected, ConnectionSource } from './connection-source.js';
import { FencedClient } from './fenced-client.js';
import { ServerGate } from './server-gate.js';
import { type TenantConnection, TenantDatabase, type TenantLogin } from './tenant-database.js';

export interface TenantConnectionsOptions {
  /** The budget: connections of all databases together. */
  readonly max: number;
  /** So many in use at one server make it busy: a database gets a second one there only when it is less. */
  readonly busyAt?: number;
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
  isAnswered: boolean;
}

/**
 * The connections of all tenant databases, opened when they are needed, under one budget that is never passed: one counts
 * from before it is opened until the server has closed it. Who finds none free takes the place of the connection that
 * nobody has used for longest, or waits: first come, first served, except that nobody waits for a place which he alone
 * could not take. At a busy server each database still has one, and more would only make all of them slower. Errors go to
 * who asked; none is thrown.
 *
 * What changes with every request is kept in arrays: a Set leaves behind tables which outlive, with all that they held,
 * what a young garbage collection clears.
 */
export class TenantConnections {
  /** Those that have a connection, or somebody who waits for one. */
  private readonly databases = new Map<string, TenantDatabase>();
  private readonly gates = new Map<string, ServerGate>();
  private readonly waiting: Waiter[] = [];
  private idleCount = 0;
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
    const idle = database.idle.at(-1);
    if (idle !== undefined && !this.hasItsShare(database)) {
      this.lease(idle, connected);
      return;
    }
    const waiter: Waiter = { database, connected, timer: undefined, isAnswered: false };
    this.waiting.push(waiter);
    database.waitingCount++;
    this.serve();
    if (waiter.isAnswered) return;
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.options;
    waiter.timer = setTimeout(
      () => this.refuse(waiter, new Error('timeout exceeded when trying to connect')),
      connectTimeoutMs,
    );
  }

  /** Runs whenever something has changed for those who wait. */
  private serve(): void {
    if (this.waiting.length > 0) this.serveWaiting();
    if (this.draining === undefined) return;
    for (const connection of this.all) if (connection.state === 'idle') this.end(connection);
    if (this.all.size === 0 && this.waiting.length === 0) this.draining.resolve();
  }

  /** Gives what there is, in the order of asking. */
  private serveWaiting(): void {
    const ahead = new Map<TenantDatabase, number>();
    const lacking = new Map<ServerGate, number>();
    const someAreAway = [...this.gates.values()].some(({ isAway }) => isAway);
    let room = this.closing;
    for (const waiter of this.waiting.slice()) {
      if (this.idleCount === 0 && this.isSpent && !someAreAway) break;
      const { database } = waiter;
      const place = ahead.get(database) ?? 0;
      const before = lacking.get(database.gate) ?? 0;
      if (this.lacksRoom(waiter, place, before)) {
        lacking.set(database.gate, before + 1);
        // what is being closed makes room for the first of them
        if (room > 0) room--;
        else this.closeOldest();
      }
      if (!waiter.isAnswered) ahead.set(database, place + 1);
    }
  }

  /**
   * Serves one if it can. Whether the budget alone is in his way.
   * @param place how many wait before him for this database
   * @param before how many before him, for this server, have only the budget in their way
   */
  private lacksRoom(waiter: Waiter, place: number, before: number): boolean {
    const { database } = waiter;
    if (this.hasItsShare(database)) return false;
    const idle = database.idle.at(-1);
    if (idle !== undefined) {
      this.settle(waiter);
      this.lease(idle, waiter.connected);
      return false;
    }
    // his connection is on its way, or those before him take all that his database may have
    if (place < database.opening || place >= database.opening + DATABASE_MAX - database.totalCount) return false;
    const refusal = database.gate.refusal();
    if (refusal !== undefined) {
      this.refuse(waiter, refusal);
      return false;
    }
    if (database.gate.free <= before) return false;
    if (this.isSpent) return true;
    this.open(waiter);
    return false;
  }

  private hasItsShare({ leased, gate }: TenantDatabase): boolean {
    return leased > 0 && gate.leased >= (this.options.busyAt ?? Infinity);
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
      this.refuse(waiter, error as Error);
      return;
    }
    const connection: TenantConnection = {
      database,
      client,
      state: 'opening',
      ended: false,
      timer: undefined,
      idleSince: 0,
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
      const first = this.waiting.find((waiter) => waiter.database === database);
      if (first !== undefined) this.refuse(first, error);
    }
    this.takeBack(connection, error);
  }

  /** Calls back at a later tick: what it does to the connections must not meet them half way. */
  private lease(connection: TenantConnection, connected: Connected): void {
    this.leaveIdle(connection);
    connection.state = 'leased';
    connection.database.lent(1);
    let isBack = false;
    const release = (error?: Error | boolean): void => {
      if (isBack) return;
      isBack = true;
      connection.database.lent(-1);
      this.takeBack(connection, error);
    };
    process.nextTick(connected, undefined, Object.assign(connection.client, { release }), release);
  }

  private takeBack(connection: TenantConnection, error: Error | boolean | undefined): void {
    clearTimeout(connection.timer);
    const isGood = (error === undefined || error === false) && connection.client.isUsable;
    const now = performance.now();
    if (isGood && now < connection.expiresAt) this.keep(connection, now);
    else this.end(connection);
    this.serve();
  }

  private keep(connection: TenantConnection, now: number): void {
    connection.state = 'idle';
    connection.idleSince = now;
    connection.database.idle.push(connection);
    this.idleCount++;
    connection.timer = setTimeout(() => this.end(connection), this.options.idleTimeoutMs ?? IDLE_TIMEOUT_MS).unref();
  }

  private leaveIdle(connection: TenantConnection): void {
    clearTimeout(connection.timer);
    if (connection.state !== 'idle') return;
    this.idleCount--;
    const { idle } = connection.database;
    idle.splice(idle.lastIndexOf(connection), 1);
  }

  private closeOldest(): void {
    let oldest: TenantConnection | undefined;
    // the first of each is the one that nobody has used for longest
    for (const {
      idle: [first],
    } of this.databases.values())
      if (first !== undefined && first.idleSince < (oldest?.idleSince ?? Infinity)) oldest = first;
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

  private refuse(waiter: Waiter, error: Error): void {
    this.settle(waiter);
    process.nextTick(waiter.connected, error, undefined, NONE);
  }

  /** He waits no more. */
  private settle(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    waiter.isAnswered = true;
    this.waiting.splice(this.waiting.indexOf(waiter), 1);
    waiter.database.waitingCount--;
    this.forgetUnused(waiter.database);
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
