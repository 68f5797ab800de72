import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { TEMPLATE, urlsOf } from './urls.mjs';

const { port } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { port: number };

export interface TestDatabase {
  readonly name: string;
  readonly urls: { superuser: string; owner: string; app: string; platform: string; mover: string };
  /** Plain SQL as the superuser, whom no wall stops: to arrange, and to see what is really stored. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

async function onCluster(...statements: string[]): Promise<void> {
  const client = new pg.Client(urlsOf(port, 'postgres').superuser);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A database of one's own: a copy of the migrated and seeded template (or empty). */
export async function freshDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  await onCluster(
    `create database ${name} template ${empty ? 'template0' : TEMPLATE} strategy wal_log owner tenantry_owner`,
    // rights on a database are not copied from its template
    `revoke all on database ${name} from public`,
    `grant connect on database ${name} to tenantry_owner, tenantry_app, tenantry_platform, tenantry_mover`,
    `grant temporary on database ${name} to tenantry_mover`,
  );
  const urls = urlsOf(port, name);
  const pool = new pg.Pool({ connectionString: urls.superuser, max: 2 });
  // dropping the database cuts a connection that is still on its way out
  pool.on('error', () => undefined);
  return {
    name,
    urls,
    sql: async <Row>(text: string, values: unknown[] = []) => (await pool.query(text, values)).rows as Row[],
    drop: async () => {
      await pool.end();
      await onCluster(`drop database if exists ${name} with (force)`);
    },
  };
}
