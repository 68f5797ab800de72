import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ZERO_ID } from '../../../common/ids.js';
import { invalid } from '../../../common/problem.js';
import { pathOf } from '../../http/index.js';
import { currentScope } from '../../tenancy/index.js';
import { organizationOfScope } from '../units.js';

const MAX_LENGTH = 255;
const PRINTABLE = /^[\x20-\x7e]+$/;
const MAX_PATH = 1024;

/** What a kept answer is found by, and the fingerprint of what was asked. */
export interface IdempotencyKey {
  readonly organizationId: string;
  readonly actorId: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly requestHash: string;
}

/**
 * The key of a request by `Idempotency-Key`; undefined without one.
 * @throws ValidationFailed for one that is empty, longer than 255 characters, or not printable ASCII
 */
export function keyOf({ headers, method, url, body }: FastifyRequest): IdempotencyKey | undefined {
  const header = headers['idempotency-key'];
  if (header === undefined) return undefined;
  const key = typeof header === 'string' ? header : header.join();
  if (key.length > MAX_LENGTH || !PRINTABLE.test(key))
    throw invalid(
      'Idempotency-Key',
      'is_printable',
      `must be 1 to ${String(MAX_LENGTH)} printable characters of ASCII`,
    );
  return {
    organizationId: organizationOfScope(),
    actorId: currentScope().actor.id ?? ZERO_ID,
    method,
    // however it was escaped: the router has decoded it by now
    path: decodeURIComponent(pathOf(url)).slice(0, MAX_PATH),
    key,
    requestHash: hash('sha256', canonical(body)),
  };
}

/** JSON with the names of each object in order: the same body written in another way is the same body. Bodies are at most 32 levels deep. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join()}}`;
}
