import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/bcrypt';
import { invalid, Unavailable } from '../../common/problem.js';
import { BoundedQueue, QueueFull } from './bounded-queue.js';
import { isCommonPassword } from './common-passwords.js';

/** bcrypt's logarithm of rounds. A test that is not about passwords may lower it: 12 takes 0.3 s a hash. */
export const hashing = { cost: 12 };
/** Characters, counted as a reader counts them. */
const MIN_CHARACTERS = 8;
/** bcrypt looks no further. */
const MAX_BYTES = 72;
/** Of nobody's password, at our cost: what is verified where there is no account. */
const NOBODYS_HASH = '$2b$12$HmKrznBOIwWkdI.oi6pa1Opq.xMONyubHiRlKVpClPJtZAfOJ4gXy';

/** More than so many would wait for minutes. */
const MAX_WAITING = 200;
const RETRY_AFTER_SECONDS = 10;
/** A storm of sign-ins leaves one core to everybody else. */
const queue = new BoundedQueue(Math.max(1, availableParallelism() - 1), MAX_WAITING);

/**
 * Refuses a password that nobody should have: shorter than 8 characters, longer than 72 bytes of UTF-8 (bcrypt would
 * cut it), or among the commonest leaked ones. There are no rules of composition.
 * @throws ValidationFailed at `path`
 */
export function assertPasswordAllowed(password: string, path = 'password'): void {
  if (Array.from(password).length < MIN_CHARACTERS)
    throw invalid(path, 'too_short', `must have at least ${MIN_CHARACTERS} characters`);
  if (Buffer.byteLength(password) > MAX_BYTES)
    throw invalid(path, 'too_long', `must not be longer than ${MAX_BYTES} bytes`);
  if (isCommonPassword(password)) throw invalid(path, 'too_common', 'is among the commonest leaked passwords');
}

/**
 * The hash to store. Whether the password is allowed is the caller's question (`assertPasswordAllowed`).
 * @throws Unavailable when too many are waiting
 */
export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password, hashing.cost));

/**
 * Whether this is the password of the hash. It takes the same time without a hash (null: no such account, or one that
 * signs in by a provider alone), so that nobody learns by the clock who has an account.
 * @throws Unavailable when too many are waiting
 */
export async function verifyPassword(password: string, hashed: string | null): Promise<boolean> {
  const matches = await inTurn(() => verify(password, hashed ?? NOBODYS_HASH));
  return matches && hashed !== null && Buffer.byteLength(password) <= MAX_BYTES;
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await queue.run(work);
  } catch (error) {
    throw error instanceof QueueFull
      ? Unavailable({ detail: 'Too many are signing in just now.', retryAfter: RETRY_AFTER_SECONDS })
      : error;
  }
}
