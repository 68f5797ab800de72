import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';
/** While a lock is waited for, everybody else queues behind: so shortly, and again. */
const SHORTEST_MS = 30;
const LONGEST_MS = 150;
const PAUSE_MS = 100;
const TRIES = 200;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
export const isLockTimeout = (error: unknown): boolean => codeOf(error) === LOCK_NOT_AVAILABLE;
/** A server or a database that is not there, or was lost in between: classes 08 and 57, 3D000, the network, words of pg. */
export const isAway = (error: unknown): boolean =>
  /^(08...|57P..|3D000|E[A-Z]{4,})$/.test(String(codeOf(error))) ||
  (error instanceof Error &&
    /^(Connection terminated|Client has encountered a connection error|timeout expired)/.test(error.message));

/** One statement in a transaction of its own that waits for locks in short tries: neighbours use the same tables. */
export async function shortlyLocked(client: pg.Client, text: string, values: unknown[]): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const limit = Math.min(SHORTEST_MS + attempt * 10, LONGEST_MS);
    try {
      await client.query(`begin; set local lock_timeout = ${String(limit)}`);
      await client.query(text, values);
      await client.query('commit');
      return;
    } catch (error) {
      await client.query('rollback');
      if (!(isLockTimeout(error) || codeOf(error) === DEADLOCK) || attempt === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
