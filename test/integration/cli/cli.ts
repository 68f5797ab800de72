import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from '../../support/database.js';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CLI = join(ROOT, 'dist/src/cli.js');

export interface Ran {
  /** The exit code; null: it was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** What --json printed; throws where the standard output is anything but one document. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document has the shape that its test is about
  readonly document: () => any;
}
export interface RunOptions {
  readonly env?: Record<string, string | undefined>;
  /** Where it is called; by default a folder without sources or `.env`. */
  readonly cwd?: string;
  /** What comes in by the standard input. */
  readonly input?: string;
}

/** The environment of a command that works on a test's database. */
export const environmentOf = ({ urls }: Pick<TestDatabase, 'urls'>): Record<string, string> => ({
  ENVIRONMENT: 'test',
  SECRET_KEY: 'a secret for tests alone, of 32 and more characters',
  ENCRYPTION_KEY: 'another secret for tests alone, of 32 and more',
  DATABASE_URL: urls.owner,
  DATABASE_APP_URL: urls.app,
  DATABASE_PLATFORM_URL: urls.platform,
  DATABASE_MOVER_URL: urls.mover,
});

/** Removed at the end of the run, with the cluster. */
const { directory } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };
/** A process loads in half the time what one before it has compiled. */
const COMPILED = join(directory, 'compiled');
const elsewhere = mkdtempSync(join(directory, 'cli-'));

/** Starts the command line as a process of its own, with no other environment than the one given. */
export function start(
  args: readonly string[],
  { env = {}, cwd = elsewhere, input = '' }: RunOptions = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], DATA_DIR: elsewhere, NODE_COMPILE_CACHE: COMPILED, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // a command that reads no input may be gone before it was written
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return child;
}

/** The same, to its end. */
export async function tenantry(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(args, options);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err, document: () => JSON.parse(out) as unknown };
}

/** A stack, a statement or a path of the sources has no place in what people are told. */
export const INSIDE = /\n\s+at |node_modules|\.js:\d+|select .* from /i;
