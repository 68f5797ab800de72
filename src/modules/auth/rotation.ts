/**
 * Milliseconds for which a token that was replaced may come again: two tabs that refresh at once must not log a person
 * out (access.md, "Identity").
 */
export const REPLAY_GRACE_MS = 10_000;

/** What is known of a refresh token, by the database's clock, under the lock of its family. */
export interface TokenState {
  /** milliseconds since its successor was made; null while it has none */
  readonly replacedAgo: number | null;
  readonly revoked: boolean;
  readonly expired: boolean;
  /** whether some token of its family can still be used */
  readonly familyLives: boolean;
}

/**
 * What becomes of a refresh token that is presented.
 * `rotate`: it is replaced, with every other of its family that is good · `replay`: it gets a twin of its successor, and
 * nothing else changes · `reuse`: somebody has a copy, the whole family is revoked · `ended`: it is worth nothing
 */
export type Rotation = 'rotate' | 'replay' | 'reuse' | 'ended';

export function decideRotation({ replacedAgo, revoked, expired, familyLives }: TokenState): Rotation {
  if (revoked || expired || !familyLives) return 'ended';
  if (replacedAgo === null) return 'rotate';
  return replacedAgo < REPLAY_GRACE_MS ? 'replay' : 'reuse';
}
