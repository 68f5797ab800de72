import { ReasonRequired, type Problem } from '../../common/problem.js';
import type { ProtectedAccess } from './access.js';
import type { IncomingRequest } from './authenticator.js';
import type { Snapshot } from './snapshot.js';

/** Characters, as the audit log has room for. */
const MAX_REASON = 255;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Whether a platform user does something in a tenant. Who he is, and what is the same for all, is no visit even where
 * X-Tenant is sent along (`/auth/me`, `/plans`).
 */
export function visits(access: ProtectedAccess, { platform, tenant }: Snapshot): boolean {
  return platform && tenant !== null && (access.tenant !== 'optional' || access.kind === 'permission');
}

/**
 * Why a platform user acts, by his X-Reason; undefined when he gives none.
 * @throws ReasonRequired where the tenant's settings demand one, and for what is no text of 1 to 255 characters
 */
export function reasonFor(
  access: ProtectedAccess,
  { headers }: IncomingRequest,
  snapshot: Snapshot,
): string | undefined {
  const header = headers['x-reason'];
  const reason = header === undefined ? '' : textOf(typeof header === 'string' ? header : header.join(', '));
  if (reason.length > MAX_REASON && Array.from(reason).length > MAX_REASON) throw notAReason();
  if (reason !== '') return reason;
  if (snapshot.tenant?.asksReason === true && visits(access, snapshot))
    throw ReasonRequired({ detail: 'This tenant asks platform users for a reason: send it as X-Reason.' });
  return undefined;
}

/** Node reads the bytes of a header as Latin-1; people write UTF-8. */
function textOf(header: string): string {
  try {
    return utf8.decode(Buffer.from(header, 'latin1')).trim();
  } catch {
    throw notAReason();
  }
}

const notAReason = (): Problem =>
  ReasonRequired({ detail: `X-Reason takes 1 to ${String(MAX_REASON)} characters of text in UTF-8.` });
