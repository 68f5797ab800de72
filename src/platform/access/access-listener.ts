import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Freshness } from './freshness.js';

/** What the listener needs of a PostgreSQL connection of its own; `pg.Client` is one. */
export interface ListenConnection {
  connect(): Promise<unknown>;
  query(text: string, values?: unknown[]): Promise<{ rows: { organization_id: string; version: string }[] }>;
  end(): Promise<void>;
  on(event: 'notification', listener: (message: { payload?: string | undefined }) => void): unknown;
  on(event: 'error' | 'end', listener: () => void): unknown;
}

/** Makes connections for the listener: direct ones (no transaction pooler), of the platform login, not yet connected. */
export abstract class ListenConnections {
  abstract open(): ListenConnection;
}

/** Milliseconds between two heartbeats, and until one counts as unanswered: a dead connection is found out within 2 s. */
const BEAT_MS = 500;
const ANSWER_MS = 1_000;
/** Milliseconds before the first attempt to connect again; doubled with each that fails. */
const RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

/**
 * Hears on a connection of its own what changes under the snapshots of all nodes: the triggers of core's tables notify
 * `access_changed` with the organization. While it does not hear, nothing that is kept is trusted.
 */
@Injectable()
export class AccessListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private connection: ListenConnection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private retryMs = RETRY_MS;
  private stopped = true;

  constructor(
    private readonly connections: ListenConnections,
    private readonly freshness: Freshness,
  ) {}

  /** For the health of the node. */
  get trusted(): boolean {
    return this.freshness.trusted;
  }

  onApplicationBootstrap(): Promise<void> {
    return this.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** Returns after the first attempt; when that fails, others follow in the background. */
  start(): Promise<void> {
    if (!this.stopped) return Promise.resolve();
    this.stopped = false;
    this.retryMs = RETRY_MS;
    return this.attempt();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.freshness.distrust();
    clearTimeout(this.timer);
    const { connection } = this;
    this.connection = undefined;
    if (connection !== undefined) await answeredInTime(connection.end()).catch(() => undefined);
  }

  private async attempt(): Promise<void> {
    const connection = this.connections.open();
    this.connection = connection;
    const lost = (): void => this.lost(connection);
    connection.on('error', lost);
    connection.on('end', lost);
    connection.on('notification', ({ payload }) => this.freshness.drop(payload ?? ''));
    try {
      await answeredInTime(connection.connect());
      // first listen, then read: what changes in between is heard
      await answeredInTime(connection.query('listen access_changed'));
      const versions = await this.versions(connection);
      if (this.connection !== connection) return;
      this.freshness.trust(versions);
      this.retryMs = RETRY_MS;
      this.beatLater(connection);
    } catch {
      this.lost(connection);
    }
  }

  private async versions(connection: ListenConnection): Promise<ReadonlyMap<string, string>> {
    const { rows } = await answeredInTime(
      connection.query(
        `select organization_id, version::text as version from core.access_version where organization_id = any($1::uuid[])`,
        [this.freshness.known()],
      ),
    );
    return new Map(rows.map(({ organization_id, version }) => [organization_id, version]));
  }

  private beatLater(connection: ListenConnection): void {
    if (this.connection !== connection) return;
    this.timer = setTimeout(() => {
      answeredInTime(connection.query('select')).then(
        () => this.beatLater(connection),
        () => this.lost(connection),
      );
    }, BEAT_MS).unref();
  }

  /** Told once for each connection, whichever sign of its end comes first. */
  private lost(connection: ListenConnection): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    this.freshness.distrust();
    clearTimeout(this.timer);
    // not waited for: the other side may never answer
    connection.end().catch(() => undefined);
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.attempt(), this.retryMs).unref();
    this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
  }
}

/** The answer, or an error when there is none in time. */
async function answeredInTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ANSWER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
