import { type ChildProcess, type ChildProcessWithoutNullStreams, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import type { TestDatabase } from '../../support/database.js';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CLI = join(ROOT, 'dist/src/cli.js');
const RUNNER = join(ROOT, 'test/support/cli-runner.mjs');

export interface Ran {
  /** The exit code; null: it was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** What --json printed; throws where the standard output is anything but one document. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document has the shape that its test is about
  readonly document: () => any;
}
type Told = Omit<Ran, 'document'>;
const ranOf = (told: Told): Ran => ({ ...told, document: () => JSON.parse(told.out) as unknown });

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
const OWN = { PATH: process.env['PATH'], DATA_DIR: elsewhere, NODE_COMPILE_CACHE: COMPILED };

/** Runs the commands of a test file, unless it is at one. */
let runner: ChildProcess | undefined;
let isBusy = false;
afterAll(async () => {
  if (runner === undefined || runner.exitCode !== null) return;
  const gone = once(runner, 'exit');
  runner.disconnect();
  // at its end it still writes into a directory that goes with the run
  await gone;
});

/** Starts the command line as a process of its own, with no other environment than the one given. */
export function start(
  args: readonly string[],
  { env = {}, cwd = elsewhere, input = '' }: RunOptions = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { ...OWN, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // a command that reads no input may be gone before it was written
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return child;
}

/** The same, to its end. */
export async function tenantryAlone(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(args, options);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return ranOf({ code: child.exitCode, out, err });
}

/** A command to its end, with no other environment than the one given, in a process that may have run others before it. */
export async function tenantry(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  if (isBusy || options.cwd !== undefined || options.input !== undefined) return tenantryAlone(args, options);
  isBusy = true;
  const own = (runner ??= fork(RUNNER, { cwd: elsewhere, execArgv: [], env: OWN }));
  const over = new AbortController();
  try {
    const answer = once(own, 'message', { signal: over.signal });
    const end = once(own, 'exit', { signal: over.signal }).then(() => {
      throw new Error(`the process ended in ${args.join(' ')}`);
    });
    own.send({ args, env: { ...OWN, ...options.env } });
    return ranOf(((await Promise.race([answer, end])) as [Told])[0]);
  } finally {
    over.abort();
    isBusy = false;
  }
}

/** A stack, a statement or a path of the sources has no place in what people are told. */
export const INSIDE = /\n\s+at |node_modules|\.js:\d+|select .* from /i;
