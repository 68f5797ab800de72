import type pg from 'pg';
import { newId } from '../../common/ids.js';
import { type MigratedSchema, type MigrationStatus, type MigrationStep, readLedger } from './migrated-schema.js';
import type { Servers } from './servers.js';

/** A place that was left behind. `busy`: nothing is wrong with it, a table or the whole of it was in use. */
export interface MigrationFailure extends MigratedSchema {
  readonly message: string;
  readonly busy: boolean;
}
interface LocationRow {
  readonly id: string;
  readonly server: string;
  readonly database: string | null;
  readonly schema: string;
  readonly failed: boolean;
}

const AT_PLACE = 'l.server = $1 and l.database_name is not distinct from $2 and l.schema_name = $3';

/** The locations that core knows, as the migrator reads and notes them: its own tables may not be there yet. */
export class KnownLocations {
  constructor(
    private readonly servers: Servers,
    private readonly sharedSchema: string,
  ) {}

  /**
   * Those that have been made, in that order, or the one that is named; where core's own tables were taken back, those of
   * the main ledger.
   */
  list(main: pg.ClientBase, location?: string): Promise<MigratedSchema[]> {
    const made = `l.status <> 'retired' and (l.isolation = 'shared' or l.status <> 'provisioning')`;
    return this.where(main, `${made} and ($1::uuid is null or l.id = $1)`, [location ?? null]);
  }

  /** The half-made and the left ones too. */
  listAll(main: pg.ClientBase): Promise<MigratedSchema[]> {
    return this.where(main, 'true', []);
  }

  private async where(main: pg.ClientBase, condition: string, values: unknown[]): Promise<MigratedSchema[]> {
    if (!(await isThere(main)))
      return [...(await readLedger(main)).keys()]
        .filter((schema) => schema !== 'core')
        .map((schema) => ({ plane: 'tenant', schema, ...this.servers.main }));
    const { rows } = await main.query<LocationRow>(
      `select l.id, l.server, l.database_name as database, l.schema_name as schema, l.last_error is not null as failed
       from core.locations l where ${condition} order by l.created_at, l.id`,
      values,
    );
    return rows.map(({ id, server, database, schema, failed }) => ({
      plane: 'tenant',
      server,
      database: database ?? this.servers.main.database,
      schema,
      location: id,
      hasFailed: failed,
    }));
  }

  /** @returns whether it was missing */
  async ensureShared(main: pg.ClientBase): Promise<boolean> {
    if (!(await isThere(main))) return false;
    const { rowCount } = await main.query(
      `insert into core.locations (id, isolation, server, schema_name, status) select $1, 'shared', 'main', $2::text, 'provisioning'
       where not exists (select from core.locations where isolation = 'shared' and server = 'main' and schema_name = $2::text)`,
      [newId(), this.sharedSchema],
    );
    return rowCount === 1;
  }

  /** How far a place has come with these steps: from there the nodes know whether they may serve it. */
  async noteReady(main: pg.ClientBase, status: MigrationStatus, done: readonly MigrationStep[]): Promise<void> {
    if (!(await isThere(main))) return;
    const names = new Set(status.applied.map(({ name }) => name));
    for (const { name, direction } of done) {
      if (direction === 'down') names.delete(name);
      else names.add(name);
    }
    await main.query(
      `update core.locations l set status = 'ready', migration = $4, last_error = null, updated_at = now()
       where ${AT_PLACE} and (l.status, l.migration, l.last_error) is distinct from ('ready', $4, null)`,
      [...this.at(status), [...names].sort().at(-1) ?? null],
    );
  }

  /** A place of one tenant is shut: it may not be what its node takes it for. The shared one goes on as it is, whole. */
  async noteFailure(main: pg.ClientBase, { message, busy, ...place }: MigrationFailure): Promise<void> {
    await main.query(
      `update core.locations l set last_error = $4, updated_at = now(),
       status = case when $5 or l.isolation = 'shared' then l.status else 'failed' end where ${AT_PLACE}`,
      [...this.at(place), message, busy],
    );
  }

  private at(place: MigratedSchema): (string | null)[] {
    return [place.server, this.servers.isMain(place) ? null : place.database, place.schema];
  }
}

async function isThere(main: pg.ClientBase): Promise<boolean> {
  const { rows } = await main.query<{ there: boolean }>(`select to_regclass('core.locations') is not null as there`);
  return rows[0]?.there === true;
}
