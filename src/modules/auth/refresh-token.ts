import { createHash, randomBytes } from 'node:crypto';

/** Of an opaque token: enough that nobody guesses one, so that a plain hash is a safe way to store it. */
const TOKEN_BYTES = 32;

/** A new refresh token, and what is stored of it. */
export function newRefreshToken(): { token: string; hash: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashOfToken(token) };
}

/** SHA-256 in hex: what `sessions.refresh_hash` holds. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex');
