import type pg from 'pg';
import { leavesClean } from './after-error.js';
import type { FencedClientOptions } from './client-options.js';
import type { Connected, ConnectionSource } from './connection-source.js';
import type { FencedClient } from './fenced-client.js';
import type { ServerGate } from './server-gate.js';

/** One login to one database of a tenant. */
export interface TenantLogin {
  readonly login: 'app' | 'platform';
  readonly server: string;
  readonly database: string;
  readonly options: FencedClientOptions;
  /** SQL that runs once on each connection. */
  readonly prepare?: string;
}

export interface TenantConnection {
  readonly database: TenantDatabase;
  readonly client: FencedClient;
  state: 'opening' | 'idle' | 'leased' | 'closing';
  /** The socket is closed, by both ends. */
  ended: boolean;
  /** Ends the state that it is in. */
  timer: NodeJS.Timeout | undefined;
  /** Milliseconds of `performance.now()`. */
  idleSince: number;
  expiresAt: number;
}

/** The connections of one login to one database of a tenant, as a source. */
export class TenantDatabase implements ConnectionSource {
  /** The one that was used most recently comes last. */
  readonly idle: TenantConnection[] = [];
  opening = 0;
  /** Connections that somebody has. */
  leased = 0;
  totalCount = 0;
  waitingCount = 0;

  constructor(
    readonly key: string,
    readonly login: TenantLogin,
    readonly gate: ServerGate,
    private readonly connectTo: (database: TenantDatabase, connected: Connected) => void,
  ) {}

  /** One more is out, or one less. */
  lent(by: 1 | -1): void {
    this.leased += by;
    this.gate.leased += by;
  }

  get idleCount(): number {
    return this.idle.length;
  }

  connect(): Promise<pg.PoolClient>;
  connect(connected: Connected): void;
  connect(connected?: Connected): Promise<pg.PoolClient> | undefined {
    if (connected === undefined)
      return new Promise((resolve, reject) => {
        this.connectTo(this, (error, client) => {
          if (client === undefined) reject(error ?? new Error('there was no connection'));
          else resolve(client);
        });
      });
    this.connectTo(this, connected);
    return undefined;
  }

  async query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    statement: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>> {
    const client = await this.connect();
    try {
      const result = await client.query<Row>(statement, values);
      client.release();
      return result;
    } catch (error) {
      client.release(!leavesClean(error as Error));
      throw error;
    }
  }
}
