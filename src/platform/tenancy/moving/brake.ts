import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds of rest for each one of work. */
const REST = 1;
/** A piece that had to wait for something was no work. */
const LONGEST_MS = 500;

/**
 * A piece of long work, which is to be small, and then a rest for which neighbours have the machine to themselves. The more
 * they have to do, the longer a piece takes, and so the rest. Never where somebody waits for it.
 */
export async function unhurried<T>(piece: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await piece();
  await sleep(Math.min((performance.now() - began) * REST, LONGEST_MS));
  return result;
}
