import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { errorCode, folderIdentity } from './system.js';

/** What a running postmaster tells in its postmaster.pid; nothing of it is true once that process is gone. */
export interface PidFile {
  pid: number;
  port: number;
  /** `starting`, `ready`, `stopping`, or '' before it says. */
  status: string;
}

const fileOf = (directory: string): string => join(directory, 'postmaster.pid');
const undamagedAfter = 5000;

/** Undefined: there is no such file, or it is just being written. */
export function readPidFile(directory: string): PidFile | undefined {
  try {
    const lines = readFileSync(fileOf(directory), 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return pid > 0 && port > 0 ? { pid, port, status: (lines[7] ?? '').trim() } : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** An empty pid file is what a power cut leaves; PostgreSQL would stop at it. */
export function removeDamagedPidFile(directory: string): void {
  const stat = statSync(fileOf(directory), { throwIfNoEntry: false });
  if (stat === undefined || readPidFile(directory) !== undefined) return;
  if (Date.now() - stat.mtimeMs > undamagedAfter) rmSync(fileOf(directory), { force: true });
}

function commandLine(pid: number): string {
  try {
    if (platform() === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function workingFolder(pid: number): string | undefined {
  try {
    return folderIdentity(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/**
 * Whether that process is the living postmaster of that directory. A number alone says little: after a crash, and in
 * each new container, it may be another program's, and a zombie that nobody reaps still answers signals.
 */
export function isPostmaster(pid: number, directory: string): boolean {
  const [, itsDirectory] = /\/postgres -D (.+) -p \d+ /.exec(`${commandLine(pid)} `) ?? [];
  if (itsDirectory === undefined) return false;
  // its working directory is its data directory, even after the checkout was moved; where that is not to be
  // seen (macOS, or a container's root without ptrace rights) there is only its command line
  return (workingFolder(pid) ?? folderIdentity(itsDirectory)) === folderIdentity(directory);
}
