import { chownSync, closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import type { Account } from './account.js';

const rotateAt = 10_000_000;
const tailBytes = 16_384;

/** Where the server of a data directory writes its log. */
export function logFile(directory: string): string {
  return `${directory}.log`;
}

export interface OpenLog {
  handle: number;
  /** Size before this start. */
  offset: number;
}

/** Opens the log for a start; the one before is kept as `.log.1` when it has grown large. */
export function openLog(directory: string, { identity }: Account): OpenLog {
  const path = logFile(directory);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > rotateAt) renameSync(path, `${path}.1`);
  const handle = openSync(path, 'a', 0o600);
  if (identity !== undefined) chownSync(path, identity.uid, identity.gid);
  return { handle, offset: statSync(path).size };
}

/** What was written behind `offset`, of that at most the end. */
export function readLog(directory: string, offset: number): string {
  const size = statSync(logFile(directory), { throwIfNoEntry: false })?.size ?? 0;
  const from = Math.max(Math.min(offset, size), size - tailBytes);
  const buffer = Buffer.alloc(size - from);
  if (buffer.length === 0) return '';
  const handle = openSync(logFile(directory), 'r');
  try {
    return buffer.toString('utf8', 0, readSync(handle, buffer, 0, buffer.length, from));
  } finally {
    closeSync(handle);
  }
}

/** The last lines, for a message. */
export function lastLines(text: string, count = 12): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
