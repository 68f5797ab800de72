import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';

/** The code of a system error (`ENOENT`). By its shape: errors of Node's own modules are no `Error` of jest's realm. */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Device and inode: two paths of the same folder agree in it. Undefined when it cannot be looked at. */
export function folderIdentity(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
}

export interface Outcome {
  ok: boolean;
  /** Everything it wrote, trimmed. */
  output: string;
}

export interface RunOptions {
  uid?: number;
  gid?: number;
  env?: Record<string, string>;
}

/** Runs a program to its end, from the root folder: the working directory may be closed to another user. Never throws. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, [...args], { cwd: '/', ...options }, (error, stdout, stderr) => {
      const output = `${stdout}\n${stderr}`.trim();
      resolve({ ok: error === null, output: output === '' && error !== null ? error.message : output });
    });
  });
}
