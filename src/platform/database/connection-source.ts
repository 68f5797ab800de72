import type pg from 'pg';

/** Called once, with an error or a connection. `release` gives it back; with an error it is closed, as its state is unknown. */
export type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  release: (error?: Error | boolean) => void,
) => void;

/** Connections of one login to one database: those of a pg.Pool, or those that share the budget of tenant databases. */
export interface ConnectionSource {
  connect(): Promise<pg.PoolClient>;
  connect(connected: Connected): void;
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    statement: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /** Connections that are open, or on their way to be or to be no more. */
  readonly totalCount: number;
  readonly idleCount: number;
  /** Requests that have no connection yet. */
  readonly waitingCount: number;
}
