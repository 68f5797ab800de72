import { createHash, randomBytes } from 'node:crypto';

/** Enough that nobody guesses one, so that a plain hash is a safe way to store it. */
const TOKEN_BYTES = 32;

/** A new token that says nothing, and what is stored of it. */
export function newOpaqueToken(): { token: string; hash: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashOfToken(token) };
}

/** SHA-256 in hex: what `sessions.refresh_hash` and `one_time_tokens.token_hash` hold. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex');
