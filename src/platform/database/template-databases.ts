import { createHash } from 'node:crypto';
import pg from 'pg';
import { grantsOfDatabase, grantsOfLocation } from './grants.js';
import { migrationFiles } from './migration-files.js';

const TEMPLATE = 'tenantry_template';
/** Milliseconds for which the end of a copy is waited for: it holds a lock on what it copies. */
const PATIENCE_MS = 2_000;

/** Names of a template: of what it holds, and while it is being made also by whom. */
export interface TemplateNames {
  readonly whole: string;
  readonly draft: string;
}
export async function templateNames(schema: string, maintenance: string): Promise<TemplateNames> {
  const files = await migrationFiles('tenant');
  const parts = [...files.map(({ checksum }) => checksum), ...grantsOfDatabase(), ...grantsOfLocation(schema)];
  const whole = `${TEMPLATE}_${hashOf(parts.join('\n'), 12)}`;
  return { whole, draft: `${whole}_${hashOf(maintenance, 8)}` };
}

/** Names a draft that is whole, of which nobody can be one's connection. @param installation that made it */
export async function finishTemplate(
  client: pg.ClientBase,
  { whole, draft }: TemplateNames,
  installation: string,
): Promise<void> {
  await client.query(`alter database ${quoted(draft)} with allow_connections false is_template true`);
  await client.query(`comment on database ${quoted(draft)} is ${pg.escapeLiteral(installation)}`);
  try {
    await client.query(`alter database ${quoted(draft)} rename to ${quoted(whole)}`);
  } catch (error) {
    if (!isTaken(error)) throw error;
    await dropTemplate(client, draft);
  }
}

export async function dropTemplate(client: pg.ClientBase, database: string): Promise<void> {
  if (!(await findDatabase(client, database))) return;
  await client.query(`alter database ${quoted(database)} with is_template false`);
  await client.query(`drop database ${quoted(database)} with (force)`);
}

/**
 * Drops the templates and drafts of other versions of this installation, and of those that did not say whose they are. One
 * that an older node copies at the moment is left to the next time; a node that misses its own makes it again.
 */
export async function dropOthers(
  client: pg.ClientBase,
  { whole, draft }: TemplateNames,
  installation: string,
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select d.datname as name from pg_database d where d.datname ~ $1 and d.datname <> $2
     and coalesce(shobj_description(d.oid, 'pg_database'), $3) = $3`,
    [`^${TEMPLATE}_[0-9a-f]{12}(${draft.slice(whole.length)})?$`, whole, installation],
  );
  await client.query(`set lock_timeout = ${String(PATIENCE_MS)}`);
  for (const { name } of rows) await dropTemplate(client, name).catch(() => undefined);
  await client.query('reset lock_timeout');
}

export async function findDatabase(client: pg.ClientBase, database: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  return rowCount !== 0;
}

/** SQLSTATE: a database has that name, by now or in the same moment. */
export const isTaken = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505');
const quoted = (name: string): string => pg.escapeIdentifier(name);
const hashOf = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);
