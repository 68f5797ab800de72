import { describe, it, expect, beforeEach } from '@jest/globals';
import { newId, ZERO_ID } from '../../common/ids.js';
import { Problem } from '../../common/problem.js';
import {
  acme,
  anns,
  ann,
  claims,
  globex,
  gone,
  GuardWorld,
  root,
  roots,
  s2,
  s9,
  type Call,
} from '../../../test/support/guard-world.js';

describe('AccessGuard', () => {
  let world: GuardWorld;
  beforeEach(() => {
    world = new GuardWorld();
  });
  const call = (...args: Call) => world.call(...args);
  const outcome = (...args: Call) => world.outcome(...args);

  it('lets everybody into a public route and looks at nothing', () => {
    expect(call('live', 'no JSON')).toBe(true);
    expect(world.scope.snapshot).toBeUndefined();
  });

  it('refuses a route that declares nothing, whoever comes', () => {
    expect(() => call('open', roots)).toThrow(/open declares no access/);
  });

  it('answers without a promise once token and snapshot are in memory', async () => {
    expect(await call('leads', anns)).toBe(true);
    expect(call('leads', anns)).toBe(true);
    expect(call('leads', anns, 'ACME')).toBe(true);
    expect(() => call('remove', anns)).toThrow(Problem);
    expect(await call('leads', roots, 'Acme')).toBe(true);
    expect(call('leads', roots, 'Acme')).toBe(true);
    expect(world.source.loads).toBe(2);
  });

  it("fills the request's scope with the caller, his tenant's placement and his snapshot", async () => {
    await call('leads', anns);
    expect(world.scope.actor).toEqual({ kind: 'user', id: ann });
    expect(world.scope.placement).toMatchObject({ organizationId: acme, schema: 's' });
    expect(world.scope.snapshot).toMatchObject({ userId: ann, organizationId: acme });
    await call('leads', roots, 'globex');
    expect(world.scope.actor).toEqual({ kind: 'platform', id: root });
    expect(world.scope.placement).toMatchObject({ organizationId: globex });
    await call('me', roots);
    expect(world.scope).toMatchObject({ actor: { kind: 'platform', id: root }, snapshot: { organizationId: null } });
    expect(world.scope.placement).toBeUndefined();
  });

  it('leaves the scope of a refused request empty', async () => {
    expect(await outcome('remove', anns)).toBe('403 permission_denied');
    expect(world.scope.snapshot).toBeUndefined();
    expect(world.scope.placement).toBeUndefined();
  });

  it.each<[string, Call, string]>([
    ['an expired token', ['leads', 'expired'], '401 token_expired'],
    ['a user who is no more', ['leads', claims(gone, acme)], '401 unauthenticated'],
    ['a session that is not his', ['leads', claims(ann, acme, s9)], '401 unauthenticated'],
    ['a key where a session is needed', ['me', claims(ann, acme, null)], '403 session_required'],
    ['a key', ['leads', claims(ann, acme, null)], 'true'],
    ["a member's token without a tenant", ['me', claims(ann, null)], '401 unauthenticated'],
    ["a member's token without a tenant that names his", ['leads', claims(ann, null), 'acme'], '401 unauthenticated'],
    ['a member who names his tenant by id', ['leads', anns, acme.toUpperCase()], 'true'],
    ['a member who names another tenant', ['leads', anns, 'globex'], '403 tenant_mismatch'],
    ['a member who names no tenant at all', ['leads', anns, 'nowhere'], '403 tenant_mismatch'],
    ['a member who leaves the header empty', ['leads', anns, ''], 'true'],
    ['a member on a route of the platform', ['plans', anns], '403 permission_denied'],
    ['a platform user without a tenant', ['leads', roots], '400 tenant_required'],
    ['a platform user with an empty header', ['leads', roots, ''], '400 tenant_required'],
    ['a platform user who names an unknown tenant', ['leads', roots, 'nowhere'], '404 not_found'],
    ['a platform user who names an unknown id', ['leads', roots, newId()], '404 not_found'],
    ['a platform user who names a tenant by code', ['leads', roots, 'GLOBEX'], 'true'],
    ['a platform user who names a tenant by id', ['remove', roots, globex], 'true'],
    ['a platform user on his own routes', ['plans', roots], 'true'],
    [
      "a dead platform user's token that names an unknown tenant",
      ['leads', claims(gone, null), 'nowhere'],
      '401 unauthenticated',
    ],
    [
      "a dead platform user's session that names one",
      ['leads', claims(root, null, s9), 'nowhere'],
      '401 unauthenticated',
    ],
  ])('%s', async (_, args, expected) => {
    expect(await outcome(...args)).toBe(expected);
    // the same from memory
    expect(await outcome(...args)).toBe(expected);
  });

  it('knows a session that began after the snapshot was read', async () => {
    await call('leads', anns);
    world.source.sessions.add(s2);
    expect(await outcome('leads', claims(ann, acme, s2))).toBe('true');
    expect(world.source.loads).toBe(2);
  });

  it('asks the database once, not each time, about a session that has ended', async () => {
    expect(await outcome('leads', claims(ann, acme, s9))).toBe('401 unauthenticated');
    const { loads } = world.source;
    for (let tries = 0; tries < 5; tries++)
      expect(await outcome('leads', claims(ann, acme, s9))).toBe('401 unauthenticated');
    expect(world.source.loads).toBe(loads);
  });

  it.each([
    ['his tenant', acme],
    ['everything', ZERO_ID],
  ])('refuses from the next request on what a change of %s took away', async (_, changed) => {
    await call('leads', anns);
    world.source.codes = [];
    expect(await outcome('leads', anns)).toBe('true');
    world.freshness.drop(changed);
    expect(await outcome('leads', anns)).toBe('403 permission_denied');
    world.source.status = 'suspended';
    world.freshness.drop(changed);
    expect(await outcome('leads', anns)).toBe('401 unauthenticated');
  });

  it('asks the database each time while changes go unheard', async () => {
    await call('leads', anns);
    world.freshness.distrust();
    world.source.codes = [];
    expect(await outcome('leads', anns)).toBe('403 permission_denied');
    world.source.codes = ['crm_admin'];
    expect(await outcome('remove', anns)).toBe('true');
  });

  it('serves one tenant without a header, and takes none, when there is only one', async () => {
    world.directory.only = acme;
    expect(await outcome('leads', roots)).toBe('true');
    expect(world.scope.placement).toMatchObject({ organizationId: acme });
    expect(call('leads', roots)).toBe(true);
    expect(await outcome('leads', roots, 'acme')).toBe('400 bad_request');
    expect(await outcome('leads', anns)).toBe('true');
    expect(await outcome('leads', anns, 'acme')).toBe('400 bad_request');
  });
});
