import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Migration } from '@mikro-orm/migrations';
import { Configuration, PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { Plane } from './orm-options.js';

/**
 * A migration as SQL. `checksum` is the sha256 of what it runs upwards: applied ones must never change. Where one had to,
 * and what it leaves is the same, it names the checksums that it had (`formerChecksums` of its class).
 */
export interface MigrationFile {
  readonly name: string;
  readonly up: readonly string[];
  readonly down: readonly string[];
  readonly checksum: string;
  readonly formerChecksums: readonly string[];
}

const FOLDER = new URL('../../../migrations/', import.meta.url);

const read = new Map<Plane, Promise<MigrationFile[]>>();

/** The migrations of a plane in their order, read once. Only their SQL is taken: one set runs at any location. */
export function migrationFiles(plane: Plane): Promise<MigrationFile[]> {
  const files = read.get(plane) ?? readFiles(plane);
  read.set(plane, files);
  return files;
}

/** The name of a plane's newest migration: what a node needs of a place before it serves it. */
export async function newestMigration(plane: Plane): Promise<string> {
  return (await migrationFiles(plane)).at(-1)?.name ?? '';
}

/** Whether a plane ever had it, as far as this version knows. */
export async function knowsMigration(plane: Plane, name: string): Promise<boolean> {
  return (await migrationFiles(plane)).some((file) => file.name === name);
}

async function readFiles(plane: Plane): Promise<MigrationFile[]> {
  const folder = new URL(`${plane}/`, FOLDER);
  const files = (await readdir(folder)).filter((file) => /^Migration\d+.*\.js$/.test(file)).sort();
  const config = new Configuration({ driver: PostgreSqlDriver, dbName: 'none', entities: [] } as never, false);
  return Promise.all(
    files.map(async (file) => {
      const module = (await import(new URL(file, folder).href)) as Record<
        string,
        new (...args: unknown[]) => Migration & { readonly formerChecksums?: readonly string[] }
      >;
      const [type] = Object.values(module);
      if (type === undefined) throw new Error(`${plane}/${file} exports no migration`);
      const { formerChecksums = [] } = new type(config.getDriver(), config);
      const sql = async (direction: 'up' | 'down') => {
        const migration = new type(config.getDriver(), config);
        await migration[direction]();
        return migration.getQueries().map(String);
      };
      const up = await sql('up');
      return {
        name: file.replace(/\.js$/, ''),
        up,
        down: await sql('down'),
        checksum: createHash('sha256').update(up.join('\n')).digest('hex'),
        formerChecksums,
      };
    }),
  );
}
