import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { newId } from '../../common/ids.js';
import { grantsOfCore, grantsOfLocation } from './grants.js';
import { type MigrationFile, migrationFiles } from './migration-files.js';
import type { Plane } from './orm-options.js';

/** A schema that is migrated: core, or a location of the tenant plane. */
export interface MigratedSchema {
  readonly plane: Plane;
  readonly schema: string;
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
}
export interface MigrationStep extends MigratedSchema {
  readonly name: string;
  readonly direction: 'up' | 'down' | 'stamp';
  readonly durationMs: number;
}
/** A migration that would run at a place. */
export interface PlannedMigration extends MigratedSchema {
  readonly name: string;
}
/** Which migrations: all of them, up or down to a name (kept), or a number of them. One that several places have is one. */
export interface MigrationTarget {
  readonly to?: string;
  readonly steps?: number;
}
/** Downwards nothing said is one step. */
export interface DownTarget extends MigrationTarget {
  readonly all?: boolean;
}

const LOCK_TIMEOUT = '2s';
const LOCK_TRIES = 5;
const RUNNER_LOCK = `hashtextextended('tenantry:migrator', 0)`;
const CORE: MigratedSchema = { plane: 'core', schema: 'core' };

/** Migrates core, then every location, as the owner. Two runners at once: one works, the other waits and finds it done. */
export class Migrator {
  private readonly shared: MigratedSchema;

  constructor(
    private readonly ownerUrl: string,
    private readonly sharedSchema: string,
    private readonly onStep: (step: MigrationStep) => void = () => undefined,
  ) {
    this.shared = { plane: 'tenant', schema: sharedSchema };
  }

  /** Applies what is pending. Stops with its name at an applied migration whose checksum has changed. */
  migrate(target: MigrationTarget = {}): Promise<MigrationStep[]> {
    return this.locked(async (client) => {
      const wanted = wantedUp(await this.statuses(client), target);
      const steps = await this.up(client, CORE, wanted);
      await this.ensureSharedLocation(client);
      for (const location of await this.locations(client)) {
        steps.push(...(await this.up(client, location, wanted)));
        await this.noteLocation(client, location);
      }
      return steps;
    });
  }

  /** Takes back the latest ones: in the tenant plane first, since it leans on core. */
  down(target: DownTarget): Promise<MigrationStep[]> {
    return this.locked(async (client) => {
      const statuses = await this.statuses(client);
      const steps: MigrationStep[] = [];
      for (const { plane, schema, names } of takenBack(statuses, target)) {
        for (const name of names) steps.push(await this.one(client, { plane, schema }, name, 'down'));
        if (plane === 'tenant' && names.length > 0) await this.noteLocation(client, { plane, schema });
      }
      return steps;
    });
  }

  /** Notes migrations as applied without running them: for a database that was made otherwise. */
  stamp(target: MigrationTarget = {}): Promise<MigrationStep[]> {
    return this.locked(async (client) => {
      const statuses = await this.statuses(client);
      const wanted = wantedUp(statuses, target);
      const steps: MigrationStep[] = [];
      for (const { plane, schema, pending } of statuses) {
        for (const name of pending.filter(wanted)) steps.push(await this.one(client, { plane, schema }, name, 'stamp'));
      }
      await this.ensureSharedLocation(client);
      for (const location of await this.locations(client)) await this.noteLocation(client, location);
      return steps;
    });
  }

  /** Drops core, every location of this database and the schema `tenancy`, with all that is in them. Gives their names. */
  drop(): Promise<string[]> {
    return this.locked(async (client) => {
      const locations = (await this.locations(client)).map(({ schema }) => schema);
      // core last: while it stands, a second run still finds the locations
      const schemas = [...new Set([...locations, this.sharedSchema]), 'tenancy', CORE.schema];
      await client.query(`set lock_timeout = '10s'`);
      for (const schema of schemas) await client.query(`drop schema if exists ${pg.escapeIdentifier(schema)} cascade`);
      return schemas;
    });
  }

  /** What is applied and pending in core and in each location. Changes nothing: of a new database all is pending. */
  status(): Promise<MigrationStatus[]> {
    return this.connected((client) => this.statuses(client));
  }

  /** What `migrate` or `down` would do with this target, in its order. Changes nothing. */
  async plan(direction: 'up' | 'down', target: DownTarget = {}): Promise<PlannedMigration[]> {
    const statuses = await this.status();
    const wanted = wantedUp(statuses, target);
    const places =
      direction === 'down'
        ? takenBack(statuses, target)
        : statuses.map(({ plane, schema, pending }) => ({ plane, schema, names: pending.filter(wanted) }));
    return places.flatMap(({ plane, schema, names }) => names.map((name) => ({ plane, schema, name })));
  }

  private async statuses(client: pg.Client): Promise<MigrationStatus[]> {
    const locations = await this.locations(client);
    // the migration of core makes the first one
    const places = [CORE, ...(locations.length > 0 ? locations : [this.shared])];
    const statuses: MigrationStatus[] = [];
    for (const place of places) statuses.push(await this.statusOf(client, place));
    return statuses;
  }

  private async up(client: pg.Client, place: MigratedSchema, wanted: Wanted): Promise<MigrationStep[]> {
    await client.query(`create schema if not exists ${pg.escapeIdentifier(place.schema)}`);
    const { pending } = await this.statusOf(client, place);
    const steps: MigrationStep[] = [];
    for (const name of pending.filter(wanted)) steps.push(await this.one(client, place, name, 'up'));
    const grants = place.plane === 'core' ? grantsOfCore() : grantsOfLocation(place.schema);
    // a target can stop before the tables that the rights are for
    if (steps.length === pending.length) await client.query(grants.join(';\n'));
    return steps;
  }

  /** One migration at one place in one transaction with its line in the ledger; a busy table is waited for in short tries. */
  private async one(
    client: pg.Client,
    place: MigratedSchema,
    name: string,
    direction: MigrationStep['direction'],
  ): Promise<MigrationStep> {
    const file = (await migrationFiles(place.plane)).find((candidate) => candidate.name === name);
    if (file === undefined)
      throw new Error(`migration ${name} is in the ledger of ${place.schema} but not among the files`);
    for (let attempt = 1; ; attempt++) {
      try {
        const started = performance.now();
        await this.run(client, place, file, direction);
        const step = { ...place, name, direction, durationMs: Math.round(performance.now() - started) };
        this.onStep(step);
        return step;
      } catch (error) {
        await client.query('rollback');
        const busy = error instanceof pg.DatabaseError && error.code === '55P03';
        if (!busy || attempt === LOCK_TRIES)
          throw new Error(`${place.schema}: ${name} failed: ${String(error)}`, { cause: error });
        await sleep(200 * attempt);
      }
    }
  }

  private async run(
    client: pg.Client,
    { schema }: MigratedSchema,
    file: MigrationFile,
    direction: MigrationStep['direction'],
  ): Promise<void> {
    const started = performance.now();
    await client.query('begin');
    await client.query(`select set_config('lock_timeout', $1, true), set_config('search_path', $2, true)`, [
      LOCK_TIMEOUT,
      schema,
    ]);
    if (direction !== 'stamp') for (const sql of file[direction]) await client.query(sql);
    if (direction === 'down')
      await client.query(`delete from tenancy.migrations where schema_name = $1 and name = $2`, [schema, file.name]);
    else {
      await client.query(
        `insert into tenancy.migrations (schema_name, name, checksum, duration_ms) values ($1, $2, $3, $4)`,
        [schema, file.name, file.checksum, Math.round(performance.now() - started)],
      );
    }
    await client.query('commit');
  }

  private async statusOf(client: pg.Client, place: MigratedSchema): Promise<MigrationStatus> {
    const files = await migrationFiles(place.plane);
    const applied = await this.appliedTo(client, place);
    const checksums = new Map(files.map(({ name, checksum }) => [name, checksum]));
    for (const { name, checksum } of applied) {
      const now = checksums.get(name);
      if (now !== undefined && now !== checksum)
        throw new Error(`migration ${name} was changed after it was applied to ${place.schema}`);
    }
    const names = new Set(applied.map(({ name }) => name));
    return { ...place, applied, pending: files.map(({ name }) => name).filter((name) => !names.has(name)) };
  }

  private async appliedTo(client: pg.Client, { schema }: MigratedSchema): Promise<AppliedMigration[]> {
    if (!(await isThere(client, 'tenancy.migrations'))) return [];
    const { rows } = await client.query<AppliedMigration>(
      `select name, checksum, applied_at, duration_ms from tenancy.migrations where schema_name = $1 order by name`,
      [schema],
    );
    return rows;
  }

  /** Those that core knows; where core's own tables were taken back, those of the ledger. */
  private async locations(client: pg.Client): Promise<MigratedSchema[]> {
    const known = await isThere(client, 'core.locations');
    if (!known && !(await isThere(client, 'tenancy.migrations'))) return [];
    const { rows } = await client.query<{ schema_name: string }>(
      known
        ? `select schema_name from core.locations where database_name is null and status <> 'retired' order by created_at`
        : `select distinct schema_name from tenancy.migrations where schema_name <> '${CORE.schema}' order by 1`,
    );
    return rows.map(({ schema_name }) => ({ plane: 'tenant', schema: schema_name }));
  }

  private async ensureSharedLocation(client: pg.Client): Promise<void> {
    if (!(await isThere(client, 'core.locations'))) return;
    await client.query(
      `insert into core.locations (id, isolation, server, schema_name, status) select $1, 'shared', 'main', $2::text, 'provisioning'
       where not exists (select from core.locations where isolation = 'shared' and server = 'main' and schema_name = $2::text)`,
      [newId(), this.sharedSchema],
    );
  }

  private async noteLocation(client: pg.Client, { schema }: MigratedSchema): Promise<void> {
    if (!(await isThere(client, 'core.locations'))) return;
    await client.query(
      `update core.locations l set status = 'ready', migration = m.name, updated_at = now()
       from (select max(name) as name from tenancy.migrations where schema_name = $1) m
       where l.schema_name = $1 and l.database_name is null and (l.status, l.migration) is distinct from ('ready', m.name)`,
      [schema],
    );
  }

  private locked<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.connected(async (client) => {
      await client.query(`select pg_advisory_lock(${RUNNER_LOCK})`);
      await client.query('create schema if not exists tenancy');
      await client.query(`create table if not exists tenancy.migrations (schema_name varchar(63) not null, name varchar(255) not null,
        checksum varchar(64) not null, applied_at timestamptz(3) not null default now(), duration_ms integer not null, primary key (schema_name, name))`);
      return work(client);
    });
  }

  /** The lock goes with the connection, so a runner that dies leaves nothing behind. */
  private async connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.ownerUrl, application_name: 'tenantry migrate' });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

async function isThere(client: pg.Client, table: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table]);
  return rows[0]?.there === true;
}

type Wanted = (name: string) => boolean;
const namesOf = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** Whether a target asks for a pending migration. */
function wantedUp(statuses: readonly MigrationStatus[], { to, steps }: MigrationTarget): Wanted {
  if (to !== undefined) return (name) => name <= to;
  if (steps === undefined) return () => true;
  const next = new Set(namesOf(statuses.flatMap(({ pending }) => pending)).slice(0, steps));
  return (name) => next.has(name);
}

/** What a target takes back at each place, the latest first; core after the locations. */
function takenBack(statuses: readonly MigrationStatus[], { all = false, to, steps = 1 }: DownTarget) {
  const latest = new Set(namesOf(statuses.flatMap(({ applied }) => applied.map(({ name }) => name))).slice(-steps));
  const wanted: Wanted = (name) => all || (to === undefined ? latest.has(name) : name > to);
  return [...statuses].reverse().map(({ plane, schema, applied }) => {
    const names = applied.map(({ name }) => name).reverse();
    return { plane, schema, names: names.filter(wanted) };
  });
}
