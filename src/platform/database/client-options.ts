import { createPostgreSqlTypeParsers } from '@mikro-orm/sql';
import pg from 'pg';
import array from 'postgres-array';

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
const SESSION = {
  timezone: 'UTC',
  search_path: 'pg_catalog',
  statement_timeout: '30s',
  lock_timeout: '3s',
  idle_in_transaction_session_timeout: '60s',
  random_page_cost: '1.1',
};

export interface FencedClientOptions extends pg.ClientConfig {
  /** What has no session to be kept in, and so is set by each transaction. */
  readonly perTransaction?: Readonly<Record<string, string>>;
}

/** Whether a pooler in transaction mode stands in between (by Prisma's parameter for it): each transaction may meet another session. */
export const isPooled = (connectionString: string): boolean =>
  new URL(connectionString).searchParams.get('pgbouncer') === 'true';

/** What every connection of requests and jobs is opened with. */
export const clientOptions = (connectionString: string): FencedClientOptions => ({
  connectionString,
  application_name: 'tenantry',
  keepAlive: true,
  types,
  ...(isPooled(connectionString)
    ? { perTransaction: SESSION }
    : {
        options: Object.entries(SESSION)
          .map(([name, value]) => `-c ${name}=${value}`)
          .join(' '),
      }),
});

/** Milliseconds within which who asks for a connection has one, or is told that there is none. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** Milliseconds after which a connection that nobody uses is closed. */
export const IDLE_TIMEOUT_MS = 30_000;
