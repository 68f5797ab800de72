import { existsSync } from 'node:fs';
import { Migrator, TSMigrationGenerator } from '@mikro-orm/migrations';
import { MikroORM, type MigrationDiff } from '@mikro-orm/postgresql';
import { coreEntities, tenantEntities } from '../../app.entities.js';
import { migrationOptions, type Plane, snapshotFile } from '../../platform/database/index.js';
import { usage } from '../exit.js';
import type { Session } from '../session.js';

/** Writes a migration as the others are written. */
class HouseGenerator extends TSMigrationGenerator {
  override generateMigrationFile(className: string, { up, down }: MigrationDiff): string {
    const body = (statements: string[]) =>
      statements
        .map((sql) => this.createStatement(sql, 4))
        .join('')
        .trimEnd();
    return [
      `import { Migration } from '@mikro-orm/migrations';\n`,
      `export class ${className} extends Migration {`,
      `  override name = '${className}';\n`,
      `  override up(): void {\n${body(up)}\n  }\n`,
      `  override down(): void {\n${body(down)}\n  }`,
      `}\n`,
    ].join('\n');
  }
}

export async function run({ out }: Session, name: string, { plane, blank = false }: { plane: Plane; blank?: boolean }) {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))
    throw usage(`"${name}" is not in snake_case.`, 'Like leads_add_score.');
  if (!existsSync(snapshotFile(plane))) {
    throw usage(
      `There is no ${snapshotFile(plane)} here.`,
      'Run this in the folder of the sources: migrations are written there.',
    );
  }
  const file = await create(plane, name, blank);
  if (file === undefined)
    out.line('Nothing to write: the entities and the snapshot agree. (--blank makes an empty one.)');
  else out.line(`✓ Wrote ${file}. Read it, build, and apply it by migrate.`);
  return { ok: true, file: file ?? null };
}

async function create(plane: Plane, name: string, blank: boolean): Promise<string | undefined> {
  const entities = plane === 'core' ? coreEntities : await tenantEntities();
  // never connected to: the snapshot is what the entities are compared with
  const options = migrationOptions(plane, entities, 'postgres://nobody@localhost:1/none');
  const orm = await MikroORM.init({ ...options, migrations: { ...options.migrations, generator: HouseGenerator } });
  try {
    const { fileName } = await new Migrator(orm.em).create(undefined, blank, false, name);
    return fileName === '' ? undefined : `migrations/${plane}/${fileName}`;
  } finally {
    await orm.close();
  }
}
