import type { IncomingMessage } from 'node:http';
import { newId } from '../../common/ids.js';

const ACCEPTED = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's `X-Request-Id` where it is fit for a log line and a header, else a new id. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && ACCEPTED.test(given) ? given : newId();
}
