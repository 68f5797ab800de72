import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Binaries } from './binaries.js';
import { run } from './system.js';

/** Whose process PostgreSQL becomes, and the program that turns a root's child into it. */
export interface Account {
  /** Undefined: ours, unchanged. */
  identity: { uid: number; gid: number } | undefined;
  /** Program and arguments put in front of the command; they change the identity themselves. */
  prefix: readonly string[];
}

export interface Command {
  file: string;
  args: string[];
  options: { uid?: number; gid?: number };
}

export function commandAs({ identity, prefix }: Account, program: string, args: readonly string[]): Command {
  const [file, ...before] = prefix;
  if (file !== undefined) return { file, args: [...before, program, ...args], options: {} };
  return { file: program, args: [...args], options: identity ?? {} };
}

/**
 * PostgreSQL refuses root, and the user it runs as instead may be kept out by a folder on the way, such as /root.
 * A capability that outlives exec opens the way again. `no_setuid_fixup` is for access(2): by default it drops the
 * capabilities of whoever is not root, and PostgreSQL looks for its own program with it.
 */
function withCapability({ uid, gid }: { uid: number; gid: number }, capability: string): readonly string[] {
  const only = `-all,+${capability}`;
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=${only}`,
    `--ambient-caps=${only}`,
    '--securebits=+no_setuid_fixup',
  ];
}

/** Whether the account can go to the folder and run the program. */
async function probe(account: Account, folder: string, binaries: Binaries) {
  const { file, args, options } = commandAs(account, '/bin/sh', [
    '-c',
    'cd -- "$1" && exec "$2" --version',
    'sh',
    folder,
    binaries.postgres,
  ]);
  return run(file, args, options);
}

async function lookUp(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return uid.ok && gid.ok ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined;
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const found = await lookUp('postgres');
  if (found !== undefined) return found;
  const group = (await run('getent', ['group', 'postgres'])).ok ? ['--gid', 'postgres'] : ['--user-group'];
  const made = await run('useradd', [
    '--system',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    ...group,
    'postgres',
  ]);
  const user = await lookUp('postgres');
  if (user !== undefined) return user;
  throw new Error(
    `PostgreSQL refuses to run as root, and the user postgres could not be made (${made.output}). Make a system user postgres, or run as an ordinary user.`,
  );
}

/** The first folder on the way that others may not enter. */
function closedFolder(path: string, { uid, gid }: { uid: number; gid: number }): string | undefined {
  const above = dirname(path) === path ? undefined : closedFolder(dirname(path), { uid, gid });
  if (above !== undefined) return above;
  const stat = statSync(path);
  const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
  return (stat.mode & bit) === 0 ? path : undefined;
}

async function accountForRoot(directory: string, binaries: Binaries): Promise<Account> {
  const parent = dirname(directory);
  const owner = statSync(join(directory, 'PG_VERSION'), { throwIfNoEntry: false });
  // a database that somebody made as himself stays his
  const identity = owner === undefined || owner.uid === 0 ? await postgresUser() : { uid: owner.uid, gid: owner.gid };
  let output = '';
  for (const prefix of [[], withCapability(identity, 'dac_read_search'), withCapability(identity, 'dac_override')]) {
    const account = { identity, prefix };
    const outcome = await probe(account, parent, binaries);
    if (outcome.ok) return account;
    output = outcome.output;
  }
  const closed = closedFolder(parent, identity) ?? closedFolder(binaries.folder, identity);
  if (closed === undefined) throw brokenBinaries(binaries, output);
  throw new Error(
    `PostgreSQL does not run as root, and the user it runs as instead (uid ${identity.uid}) may not enter ${closed}. ` +
      `Allow it (chmod o+x ${closed}), put the checkout and DATA_DIR where everybody may go, or run as an ordinary user. (${output})`,
  );
}

function brokenBinaries(binaries: Binaries, output: string): Error {
  return new Error(
    `The PostgreSQL in ${binaries.folder} does not run: ${output}\nInstall it again: npm ci, without --ignore-scripts.`,
  );
}

function ownerName(uid: number): string {
  return uid === 0 ? 'root' : `the user with uid ${uid}`;
}

async function ownAccount(directory: string, binaries: Binaries): Promise<Account> {
  const { uid, username } = userInfo();
  const owner = statSync(directory, { throwIfNoEntry: false })?.uid ?? uid;
  if (owner !== uid) {
    throw new Error(
      `${directory} belongs to ${ownerName(owner)} and you are ${username}: it was first started as somebody else, as root most likely. ` +
        `Run as that user, set DATA_DIR to a folder of your own, or, with everything stopped, hand it over: sudo chown -R "$(id -u):$(id -g)" ${dirname(directory)}`,
    );
  }
  const account = { identity: undefined, prefix: [] };
  const outcome = await probe(account, dirname(directory), binaries);
  if (!outcome.ok) throw brokenBinaries(binaries, outcome.output);
  return account;
}

/** As whom PostgreSQL runs for a data directory that may not exist yet, but whose parent does. Throws an Error that says what to do. */
export function accountFor(directory: string, binaries: Binaries): Promise<Account> {
  return process.getuid?.() === 0 ? accountForRoot(directory, binaries) : ownAccount(directory, binaries);
}
