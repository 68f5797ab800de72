import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { grantsOfCore, grantsOfDatabase, grantsOfLocation } from './grants.js';
import { type MigrationFile, migrationFiles } from './migration-files.js';
import type { Plane } from './orm-options.js';
import { type DatabaseAt, MAIN_SERVER } from './servers.js';

/** A schema that is migrated: core, or a location of the tenant plane. */
export interface MigratedSchema extends DatabaseAt {
  readonly plane: Plane;
  readonly schema: string;
  /** Its row in core.locations; undefined of core, and of what core does not know (any more). */
  readonly location?: string;
  /** An earlier run left it behind. */
  readonly hasFailed?: boolean;
}
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly applied_at: Date;
  readonly duration_ms: number;
}
export interface MigrationStatus extends MigratedSchema {
  readonly applied: readonly AppliedMigration[];
  readonly pending: readonly string[];
  /** Why nothing is known of it: its database could not be asked. */
  readonly fault?: string;
}
export type MigrationDirection = 'up' | 'down' | 'stamp';
export interface MigrationStep extends MigratedSchema {
  readonly name: string;
  readonly direction: MigrationDirection;
  readonly durationMs: number;
}

/** What people call it: the schema, where it is not in the main database with those before it. */
export const nameOfPlace = ({ server, database, schema }: MigratedSchema, main: DatabaseAt): string => {
  if (server === MAIN_SERVER && database === main.database) return schema;
  return [server, database, schema].join('/');
};

/** A table is busy: neither the migration's fault nor the place's. */
export class PlaceBusy extends Error {}

const LOCK_TIMEOUT = '2s';
const LOCK_TRIES = 5;
const BUSY = '55P03';
const LEDGER = `create schema if not exists tenancy;
  create table if not exists tenancy.migrations (schema_name varchar(63) not null, name varchar(255) not null,
    checksum varchar(64) not null, applied_at timestamptz(3) not null default now(), duration_ms integer not null, primary key (schema_name, name));
  create table if not exists tenancy.rights (schema_name varchar(63) primary key, checksum varchar(64) not null, given_at timestamptz(3) not null default now())`;

/** Makes the ledger of a database where it is missing. */
export async function makeLedger(client: pg.ClientBase): Promise<void> {
  await client.query(LEDGER);
}

/** The ledger of a database: what has been applied to each of its schemas, or to one, in order. Without a ledger: nothing. */
export async function readLedger(client: pg.ClientBase, schema?: string): Promise<Map<string, AppliedMigration[]>> {
  const bySchema = new Map<string, AppliedMigration[]>();
  const { rows: there } = await client.query(`select where to_regclass('tenancy.migrations') is not null`);
  if (there.length === 0) return bySchema;
  const { rows } = await client.query<AppliedMigration & { schema_name: string }>(
    `select schema_name, name, checksum, applied_at, duration_ms from tenancy.migrations
     where $1::text is null or schema_name = $1 order by schema_name, name`,
    [schema ?? null],
  );
  for (const { schema_name, ...applied } of rows) {
    const known = bySchema.get(schema_name);
    if (known === undefined) bySchema.set(schema_name, [applied]);
    else known.push(applied);
  }
  return bySchema;
}

/** Throws, with its name, for an applied migration whose checksum has changed. */
export async function statusOf(place: MigratedSchema, applied: AppliedMigration[] = []): Promise<MigrationStatus> {
  const files = await migrationFiles(place.plane);
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const { name, checksum } of applied) {
    const file = byName.get(name);
    if (file !== undefined && file.checksum !== checksum && !file.formerChecksums.includes(checksum))
      throw new Error(`migration ${name} was changed after it was applied to ${place.schema}`);
  }
  const names = new Set(applied.map(({ name }) => name));
  return { ...place, applied, pending: files.map(({ name }) => name).filter((name) => !names.has(name)) };
}

/**
 * Runs migrations at one place, each in a transaction with its line in the ledger. At a new place they are one
 * transaction: nobody sees it half-made, nor meanwhile what an early migration makes of the schema `tenancy`, which a
 * later one made better. A busy table is waited for in short tries, that nobody queues behind for long.
 * `anew`: the rights too, even where they were given. Throws PlaceBusy, or an Error with place and migration.
 */
export async function runMigrations(
  client: pg.ClientBase,
  { applied, pending, ...place }: MigrationStatus,
  names: readonly string[],
  direction: MigrationDirection,
  { anew = false }: { readonly anew?: boolean } = {},
): Promise<MigrationStep[]> {
  const files = await filesOf(place, names);
  const isNew = direction === 'up' && applied.length === 0;
  const batches = isNew ? [files] : files.map((file) => [file]);
  const steps: MigrationStep[] = [];
  for (const batch of batches) steps.push(...(await patiently(client, place, batch, direction)));
  // a target can stop before the tables that the rights are for
  if (direction === 'up' && names.length === pending.length) {
    const { plane, schema } = place;
    const own = plane === 'core' ? grantsOfCore() : grantsOfLocation(schema);
    await giveRights(client, schema, own, anew || files.some(makesThings));
    if (plane === 'tenant') await giveRights(client, 'tenancy', grantsOfDatabase(), anew || files.some(changesTenancy));
  }
  return steps;
}

/**
 * The rights of the logins on a schema that has all its tables: where something was made or dropped, where they are others
 * than the last time (which takes no migration), and where it is asked. A look for every right costs more than most
 * migrations: PostgreSQL finds the tables of a schema by reading all there are.
 */
async function giveRights(
  client: pg.ClientBase,
  schema: string,
  rights: readonly string[],
  isDue: boolean,
): Promise<void> {
  const checksum = createHash('sha256').update(rights.join('\n')).digest('hex');
  if (!isDue && (await areGiven(client, schema, checksum))) return;
  const line = `insert into tenancy.rights (schema_name, checksum) values (${pg.escapeLiteral(schema)}, '${checksum}')
    on conflict (schema_name) do update set checksum = excluded.checksum, given_at = now()`;
  const lock = schema === 'tenancy' ? [TENANCY_LOCK] : [];
  await client.query(['begin', ...lock, ...rights, line, 'commit'].join('\n;\n'));
}

async function areGiven(client: pg.ClientBase, schema: string, checksum: string): Promise<boolean> {
  const { rowCount } = await client.query('select from tenancy.rights where schema_name = $1 and checksum = $2', [
    schema,
    checksum,
  ]);
  return rowCount !== 0;
}

/** A column or an index has the rights of its table. */
const MAKES_THINGS = /\b(create\s+(or\s+replace\s+)?(table|view|function|procedure|sequence)|drop|grant|revoke)\b/i;
const makesThings = ({ up }: MigrationFile): boolean => up.some((sql) => MAKES_THINGS.test(sql));

/** Held by whoever changes the schema `tenancy`, which the locations of a database share: PostgreSQL waits for nobody there. */
const TENANCY_LOCK = `select pg_advisory_xact_lock(hashtextextended('tenantry:tenancy', 0))`;

async function filesOf({ plane, schema }: MigratedSchema, names: readonly string[]): Promise<MigrationFile[]> {
  const byName = new Map((await migrationFiles(plane)).map((file) => [file.name, file]));
  return names.map((name) => {
    const file = byName.get(name);
    if (file === undefined) throw new Error(`migration ${name} is in the ledger of ${schema} but not among the files`);
    return file;
  });
}

async function patiently(
  client: pg.ClientBase,
  place: MigratedSchema,
  files: readonly MigrationFile[],
  direction: MigrationDirection,
): Promise<MigrationStep[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inOneTransaction(client, place, files, direction);
    } catch (error) {
      await client.query('rollback');
      if (!(error instanceof PlaceBusy) || attempt === LOCK_TRIES) throw error;
      await sleep(200 * attempt);
    }
  }
}

async function inOneTransaction(
  client: pg.ClientBase,
  place: MigratedSchema,
  files: readonly MigrationFile[],
  direction: MigrationDirection,
): Promise<MigrationStep[]> {
  const steps: MigrationStep[] = [];
  const path = pg.escapeLiteral(place.schema);
  const schema = pg.escapeIdentifier(place.schema);
  await client.query(
    [
      'begin',
      `select set_config('lock_timeout', '${LOCK_TIMEOUT}', true), set_config('search_path', ${path}, true)`,
      ...(files.some(changesTenancy) ? [TENANCY_LOCK] : []),
      ...(direction === 'up' ? [`create schema if not exists ${schema}`] : []),
    ].join(';\n'),
  );
  for (const file of files) {
    const started = performance.now();
    try {
      const statements = direction === 'stamp' ? [] : file[direction];
      await client.query([...statements, ledgerLine(place.schema, file, direction)].join('\n;\n'));
    } catch (error) {
      const busy = error instanceof pg.DatabaseError && error.code === BUSY;
      const message = `${place.schema}: ${file.name} failed: ${String(error)}`;
      throw busy ? new PlaceBusy(message, { cause: error }) : new Error(message, { cause: error });
    }
    const { name } = file;
    steps.push({ ...place, name, direction, durationMs: Math.round(performance.now() - started) });
  }
  await client.query([...(direction === 'stamp' ? [] : unrighted(place.schema, files)), 'commit'].join('; '));
  return steps;
}

/** Whoever dies before the rights are given leaves no line that says they are: the next one gives them. */
const unrighted = (schema: string, files: readonly MigrationFile[]): string[] =>
  [...(files.some(makesThings) ? [schema] : []), ...(files.some(changesTenancy) ? ['tenancy'] : [])].map(
    (each) => `delete from tenancy.rights where schema_name = ${pg.escapeLiteral(each)}`,
  );

const changesTenancy = ({ up, down }: MigrationFile): boolean =>
  [...up, ...down].some((sql) => sql.includes('tenancy.'));

function ledgerLine(schema: string, { name, checksum }: MigrationFile, direction: MigrationDirection): string {
  const place = pg.escapeLiteral(schema);
  if (direction === 'down')
    return `delete from tenancy.migrations where schema_name = ${place} and name = ${pg.escapeLiteral(name)}`;
  // a message has one statement_timestamp: its beginning
  return `insert into tenancy.migrations (schema_name, name, checksum, duration_ms)
    values (${place}, ${pg.escapeLiteral(name)}, '${checksum}', (extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::int)`;
}
