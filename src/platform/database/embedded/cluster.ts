import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { commandAs } from './account.js';
import type { Account } from './account.js';
import type { Binaries } from './binaries.js';
import { errorCode, run } from './system.js';

/** What the programs see: none of the PG… variables of the shell, and messages in English, since they are read. */
export const serverEnv = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };

const major = '18';
const draftAge = 600_000;

export interface ClusterOptions {
  directory: string;
  /** Of the superuser `postgres`. */
  password: string;
  account: Account;
  binaries: Binaries;
}

function give(path: string, { identity }: Account): void {
  if (identity !== undefined) chownSync(path, identity.uid, identity.gid);
}

/** What an initdb that was killed has left behind. A younger one may still be at work in another process. */
function removeOldDrafts(directory: string): void {
  const drafts = readdirSync(dirname(directory)).filter((name) => name.startsWith(`${basename(directory)}.draft-`));
  for (const draft of drafts.map((name) => join(dirname(directory), name))) {
    const age = Date.now() - (statSync(draft, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > draftAge) rmSync(draft, { recursive: true, force: true });
  }
}

function syncFolder(path: string): void {
  const handle = openSync(path, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

function refuseOtherFiles(directory: string, cause?: unknown): void {
  if (!existsSync(directory) || existsSync(join(directory, 'PG_VERSION')) || readdirSync(directory).length === 0)
    return;
  throw new Error(
    `${directory} holds files but no PostgreSQL database. Move them away, or set DATA_DIR to another folder.`,
    { cause },
  );
}

/** Puts the finished cluster into its place. Whoever comes second finds the place taken and leaves it so. */
function publish(draft: string, directory: string): void {
  try {
    renameSync(draft, directory);
    syncFolder(dirname(directory));
  } catch (error) {
    const taken = errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST';
    if (!taken) throw error;
    refuseOtherFiles(directory, error);
  }
}

async function initialise({ directory, password, account, binaries }: ClusterOptions): Promise<void> {
  const draft = `${directory}.draft-${randomBytes(6).toString('hex')}`;
  const passwordFile = `${draft}.password`;
  try {
    mkdirSync(draft, { mode: 0o700 });
    give(draft, account);
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    give(passwordFile, account);
    const { file, args, options } = commandAs(account, binaries.initdb, [
      `--pgdata=${draft}`,
      `--pwfile=${passwordFile}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--data-checksums',
      '--no-instructions',
    ]);
    const outcome = await run(file, args, { ...options, env: serverEnv });
    if (!outcome.ok)
      throw new Error(
        `initdb could not make a database in ${directory}:\n${outcome.output.split('\n').slice(-8).join('\n')}`,
      );
    publish(draft, directory);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

/** A folder that was copied may be root's and open to others: PostgreSQL insists on one that is its own alone. */
async function handOver(directory: string, { identity }: Account): Promise<void> {
  const { mode, uid } = statSync(directory);
  if ((mode & 0o027) !== 0) chmodSync(directory, 0o700);
  if (identity === undefined || uid === identity.uid) return;
  const outcome = await run('chown', ['-R', `${identity.uid}:${identity.gid}`, directory]);
  if (!outcome.ok)
    throw new Error(`${directory} could not be given to the user that PostgreSQL runs as: ${outcome.output}`);
}

/**
 * Sees to it that the directory holds a database cluster, and makes one where there is none: beside it and renamed into
 * place, so that whenever the machine stops there is a whole one or none.
 */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  const { directory, account } = options;
  refuseOtherFiles(directory);
  removeOldDrafts(directory);
  if (!existsSync(join(directory, 'PG_VERSION'))) await initialise(options);
  const version = readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim();
  if (version !== major) {
    throw new Error(
      `${directory} was made by PostgreSQL ${version} and this is PostgreSQL ${major}. Use the release that made it to export the data, then set DATA_DIR to a new folder.`,
    );
  }
  await handOver(directory, account);
}
