import { existsSync } from 'node:fs';
import { Migrator } from '@mikro-orm/migrations';
import { type EntityClass, MikroORM } from '@mikro-orm/postgresql';
import { type MigratedSchema, nameOfPlace } from './migrated-schema.js';
import { migrationOptions, type Plane } from './orm-options.js';
import { type DatabaseAt, type DatabaseUrls, Servers } from './servers.js';

/** How a place differs from the entities: the statements that would bring it to them. None: it does not. */
export interface Drift {
  readonly plane: Plane;
  /** `snapshot` (what the next migration is made against), or the place as `nameOfPlace` has it. */
  readonly place: string;
  readonly statements: readonly string[];
}
export interface DriftOptions {
  readonly urls: DatabaseUrls;
  readonly entities: Readonly<Record<Plane, EntityClass[]>>;
  /** Core and the locations that are compared. */
  readonly places: readonly MigratedSchema[];
  /** Told of each place when it is done. */
  readonly onPlace?: (drift: Drift) => void;
}

/** Where the snapshot of a plane is kept, below the project's folder: the sources have it, a shipped build does not. */
export const snapshotFile = (plane: Plane): string => `migrations/${plane}/.snapshot.json`;

/**
 * Compares the entities with the committed snapshots (where the working directory is the project's) and with each schema.
 * Functions, triggers, partitions and the tables that only SQL touches are written by hand and left out. Changes nothing.
 */
export async function findDrift({ urls, entities, places, onPlace = () => undefined }: DriftOptions): Promise<Drift[]> {
  const servers = new Servers(urls);
  const drifts: Drift[] = [];
  const note = (drift: Drift) => {
    drifts.push(drift);
    onPlace(drift);
  };
  for (const plane of ['core', 'tenant'] as const) {
    const open = (at: DatabaseAt) => MikroORM.init(migrationOptions(plane, entities[plane], servers.url('owner', at)));
    if (existsSync(snapshotFile(plane)))
      await closing(await open(servers.main), async (orm) => {
        note({ plane, place: 'snapshot', statements: await differencesOfSnapshot(orm) });
      });
    for (const [at, inside] of byDatabase(places.filter((place) => place.plane === plane)))
      await closing(await open(at), async (orm) => {
        for (const place of inside) {
          // entities of the tenant plane name no schema: this is the one they are compared with
          orm.config.set('schema', place.schema);
          const statements = await differences(orm, place.schema);
          note({ plane, place: nameOfPlace(place, servers.main), statements });
        }
      });
  }
  return drifts;
}

async function closing(orm: MikroORM, work: (orm: MikroORM) => Promise<void>): Promise<void> {
  try {
    await work(orm);
  } finally {
    await orm.close();
  }
}

function byDatabase(places: readonly MigratedSchema[]): [DatabaseAt, MigratedSchema[]][] {
  const groups = Object.groupBy(places, ({ server, database }) => `${server}/${database}`);
  return Object.values(groups).flatMap((group = []) => (group[0] === undefined ? [] : [[group[0], group]]));
}

class SnapshotReader extends Migrator {
  read(): ReturnType<Migrator['getSchemaFromSnapshot']> {
    return this.getSchemaFromSnapshot();
  }
}

async function differencesOfSnapshot(orm: MikroORM): Promise<string[]> {
  const fromSchema = await new SnapshotReader(orm.em).read();
  if (fromSchema === undefined) throw new Error('the snapshot of the migrations cannot be read');
  return statementsOf((await orm.schema.getUpdateSchemaMigrationSQL({ ...WHOLE, fromSchema })).up);
}

async function differences(orm: MikroORM, schema: string): Promise<string[]> {
  return statementsOf((await orm.schema.getUpdateSchemaMigrationSQL({ ...WHOLE, schema })).up);
}

const WHOLE = { wrap: false, safe: false, dropTables: true };
/** What the comparison wants of every trigger and view that no entity knows: to drop it, and a function it supposes. */
const BY_HAND = /^drop (trigger|function|view) /i;

/** A semicolon inside a literal ends no statement. */
function statementsOf(sql: string): string[] {
  const statements: string[] = [];
  let statement = '';
  for (const part of sql.split(/;\n|;$/)) {
    statement += statement === '' ? part : `;\n${part}`;
    if (statement.split(`'`).length % 2 === 0) continue;
    if (statement.trim() !== '') statements.push(`${statement.trim()};`);
    statement = '';
  }
  return statements.filter((each) => !BY_HAND.test(each));
}
