import { describe, it, expect } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { emptyScope, runInScope } from '../../tenancy/index.js';
import { keyOf } from './idempotency-key.js';

const ORG = '01a00000-0000-7000-8000-0000000000a1';
const placement = { organizationId: ORG, epoch: 1, server: 'main', database: 'tenantry', schema: 'shared' };
const keyFor = (key: string | undefined, body: unknown = {}, url = '/api/v1/crm/leads?x=1') =>
  runInScope(emptyScope({ placement, actor: { kind: 'user', id: ORG } }), () =>
    keyOf({ headers: { 'idempotency-key': key }, method: 'POST', url, body } as unknown as FastifyRequest),
  );

describe('keyOf', () => {
  it('is of tenant, caller, method and path without the query', () => {
    expect(keyFor('k-1')).toMatchObject({
      organizationId: ORG,
      actorId: ORG,
      method: 'POST',
      path: '/api/v1/crm/leads',
      key: 'k-1',
    });
    expect(keyFor(undefined)).toBeUndefined();
  });
  it('knows the same path, however it was written', () => {
    const { path } = keyFor('k') ?? {};
    expect(keyFor('k', {}, '/api/v1/crm/%6ceads')?.path).toBe(path);
    expect(keyFor('k', {}, 'http://other.example/api/v1/crm/leads')?.path).toBe(path);
  });
  it('knows the same body in another order of its names', () => {
    const hashOf = (body: unknown) => keyFor('k', body)?.requestHash;
    expect(hashOf({ a: 1, b: { c: [1, 2], d: null } })).toBe(hashOf({ b: { d: null, c: [1, 2] }, a: 1 }));
    expect(hashOf({ a: [1, 2] })).not.toBe(hashOf({ a: [2, 1] }));
    expect(hashOf({ a: '1' })).not.toBe(hashOf({ a: 1 }));
    expect(hashOf({ a: null })).not.toBe(hashOf({}));
  });
  it.each(['', 'x'.repeat(256), 'tab\t', 'ü', 'a\nb'])('refuses %j', (key) => {
    expect(() => keyFor(key)).toThrow(expect.objectContaining({ status: 422 }));
  });
  it('takes 255 printable characters', () => {
    expect(keyFor(' ~'.repeat(127))).toBeDefined();
  });
});
