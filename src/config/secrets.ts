import { createHmac, randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { errorCode } from './error-code.js';

/** What a node makes up for itself at its first start, so that `npm start` needs no configuration. */
export interface LocalSecrets {
  secretKey: string;
  encryptionKey: string;
  /** The passwords of the embedded database's logins. */
  passwords: { postgres: string; owner: string; app: string; platform: string; mover: string };
}

/** Where the secrets of a DATA_DIR are kept. */
export function secretsFile(dataDir: string): string {
  return join(dataDir, 'secrets.json');
}

const random = (): string => randomBytes(36).toString('base64url');
const make = (): LocalSecrets => ({
  secretKey: random(),
  encryptionKey: random(),
  passwords: { postgres: random(), owner: random(), app: random(), platform: random(), mover: random() },
});
/** Of a file that is older than this login: the same at each start and for all nodes, without writing to the file. */
const moverOf = (superuser: string): string =>
  createHmac('sha256', superuser).update('tenantry_mover').digest('base64url');

function stringAt(source: unknown, key: string, file: string): string {
  const value: unknown = typeof source === 'object' && source !== null ? Reflect.get(source, key) : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(
    `${file} has no ${key}. Put the file back from a copy, or remove the whole folder it is in to start anew: its database opens with these passwords alone.`,
  );
}

const hasMover = (passwords: unknown): boolean =>
  typeof passwords === 'object' && passwords !== null && 'mover' in passwords;

function parse(json: string, file: string): LocalSecrets {
  let read: unknown;
  try {
    read = JSON.parse(json);
  } catch {
    read = undefined;
  }
  const passwords: unknown = typeof read === 'object' && read !== null ? Reflect.get(read, 'passwords') : undefined;
  const secrets = {
    secretKey: stringAt(read, 'secretKey', file),
    encryptionKey: stringAt(read, 'encryptionKey', file),
    passwords: {
      postgres: stringAt(passwords, 'postgres', file),
      owner: stringAt(passwords, 'owner', file),
      app: stringAt(passwords, 'app', file),
      platform: stringAt(passwords, 'platform', file),
    },
  };
  const mover = hasMover(passwords) ? stringAt(passwords, 'mover', file) : moverOf(secrets.passwords.postgres);
  return { ...secrets, passwords: { ...secrets.passwords, mover } };
}

function find(file: string): LocalSecrets | undefined {
  try {
    return parse(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes the whole file under another name and links it into place: whoever comes first wins, and nobody ever reads half of it. */
function publish(secrets: LocalSecrets, dataDir: string): void {
  const draft = `${secretsFile(dataDir)}.${String(process.pid)}-${randomBytes(4).toString('hex')}`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, `${JSON.stringify(secrets, null, 2)}\n`);
    fsyncSync(handle);
    // started once by root in somebody's folder, the file must stay readable to him
    if (process.getuid?.() === 0) chownSync(draft, statSync(dataDir).uid, statSync(dataDir).gid);
    linkSync(draft, secretsFile(dataDir));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    closeSync(handle);
    rmSync(draft, { force: true });
  }
}

function explained(error: unknown, dataDir: string): unknown {
  if (errorCode(error) !== 'EACCES' && errorCode(error) !== 'EPERM') return error;
  return new Error(
    `${dataDir} belongs to another user (a start as root, most likely), so its secrets can be neither read nor made. ` +
      `Run as that user, set DATA_DIR to a folder of your own, or, with everything stopped, hand it over: sudo chown -R "$(id -u):$(id -g)" ${dataDir}`,
    { cause: error },
  );
}

/**
 * The secrets of a DATA_DIR, made at the first call (mode 0600). Processes that come at the same time get the same ones.
 * Throws an Error with a sentence on what to do when the folder or the file is not ours or is damaged.
 */
export function localSecrets(dataDir: string): LocalSecrets {
  try {
    const found = find(secretsFile(dataDir));
    if (found !== undefined) return found;
    mkdirSync(dataDir, { recursive: true });
    publish(make(), dataDir);
    return parse(readFileSync(secretsFile(dataDir), 'utf8'), secretsFile(dataDir));
  } catch (error) {
    throw explained(error, dataDir);
  }
}
