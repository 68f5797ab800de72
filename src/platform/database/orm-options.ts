import { Migrator, TSMigrationGenerator } from '@mikro-orm/migrations';
import { defineConfig, type EntityClass, type Options } from '@mikro-orm/postgresql';

/** The two sets of tables: core stands once, the tenant plane stands once in every location. */
export type Plane = 'core' | 'tenant';

/** Tables that are written by hand in migrations, outside the ORM's view: partitions, and what only SQL touches. */
const BY_HAND = [/(^|\.)audit_log/, /(^|\.)(idempotency_keys|outbox|counters|access_version)$/];

/** What makes and compares migrations of a plane. The running application has options of its own (`Orms`). */
export function migrationOptions(plane: Plane, entities: EntityClass[], clientUrl: string, schema?: string): Options {
  return defineConfig({
    clientUrl,
    entities,
    contextName: plane,
    extensions: [Migrator],
    ensureDatabase: false,
    discovery: { checkDuplicateFieldNames: false },
    ...(schema === undefined ? {} : { schema }),
    migrations: {
      path: `dist/migrations/${plane}`,
      pathTs: `migrations/${plane}`,
      snapshotName: '.snapshot',
      // the default would overwrite the committed snapshot at each run
      snapshotOnMigrate: false,
      generator: TSMigrationGenerator,
    },
    schemaGenerator: {
      skipTables: BY_HAND,
      // functions and triggers are hand-written SQL in the migrations
      ignoreRoutines: true,
      ignoreSchema:
        plane === 'core' ? ['tenancy', 'shared', 'public', 'pgboss'] : ['core', 'tenancy', 'public', 'pgboss'],
    },
  });
}
