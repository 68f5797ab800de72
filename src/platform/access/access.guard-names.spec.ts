import { describe, it, expect, beforeEach } from '@jest/globals';
import { newId } from '../../common/ids.js';
import {
  acme,
  anns,
  ann,
  claims,
  globex,
  GuardWorld,
  root,
  roots,
  type Call,
} from '../../../test/support/guard-world.js';

describe('AccessGuard, of what names a tenant and of those who visit one', () => {
  let world: GuardWorld;
  beforeEach(() => {
    world = new GuardWorld();
  });
  const call = (...args: Call) => world.call(...args);
  const outcome = (...args: Call) => world.outcome(...args);

  it.each<[string, Call, string]>([
    ['a member whose path is his tenant', ['tenant', anns, { path: acme.toUpperCase() }], 'true'],
    ['a member whose path is another tenant', ['tenant', anns, { path: globex }], '404 not_found'],
    ['a member whose path is no tenant', ['tenant', anns, { path: newId() }], '404 not_found'],
    ['a member whose path is a code', ['tenant', anns, { path: 'acme' }], '422 validation_failed'],
    ['a member whose route lacks the parameter', ['tenant', anns], '422 validation_failed'],
    ['a member whose permission is missing too', ['change', anns, { path: globex }], '404 not_found'],
    ['the same of his own tenant', ['change', anns, { path: acme }], '403 permission_denied'],
    ['the same of no id', ['change', anns, { path: 'acme' }], '403 permission_denied'],
    ['a header before a path', ['tenant', anns, { path: globex, tenant: 'globex' }], '403 tenant_mismatch'],
    ['a platform user by path', ['change', roots, { path: acme }], 'true'],
    ['a platform user by path, whatever his header', ['change', roots, { path: acme, tenant: 'globex' }], 'true'],
    ['a platform user by an unknown path', ['change', roots, { path: newId() }], '404 not_found'],
    ['the same beside a known header', ['change', roots, { path: newId(), tenant: 'acme' }], '404 not_found'],
    ['a platform user by a code in the path', ['change', roots, { path: 'acme' }], '422 validation_failed'],
    ['the same beside a known header', ['change', roots, { path: 'acme', tenant: 'acme' }], '422 validation_failed'],
    ['an expired token before a path', ['change', 'expired', { path: 'acme' }], '401 token_expired'],

    ['a member at the host of his tenant', ['leads', anns, { host: 'ACME.example.com.:3000' }], 'true'],
    ["a member at another tenant's host", ['leads', anns, { host: 'globex.example.com' }], '403 tenant_mismatch'],
    ['the same before his permission', ['remove', anns, { host: 'globex.example.com' }], '403 tenant_mismatch'],
    ["a member at nobody's host", ['leads', anns, { host: 'www.example.com' }], 'true'],
    ['a member at an address', ['leads', anns, { host: '127.0.0.1:3000' }], 'true'],
    [
      'a key at another host',
      ['leads', claims(ann, acme, null), { host: 'globex.example.com' }],
      '403 tenant_mismatch',
    ],
    ["a platform user at a tenant's host", ['leads', roots, { tenant: 'acme', host: 'globex.example.com' }], 'true'],
    [
      'a host names no tenant of a platform user',
      ['leads', roots, { host: 'acme.example.com' }],
      '400 tenant_required',
    ],

    ['no tenant for a reason alone', ['plans', roots, { reason: 'x'.repeat(256) }], '422 reason_required'],
    ["a member's reason, whatever it is", ['leads', anns, { reason: 'x'.repeat(256) }], 'true'],
  ])('%s', async (_, args, expected) => {
    expect(await outcome(...args)).toBe(expected);
    // the same from memory
    expect(await outcome(...args)).toBe(expected);
  });

  it('lets the path alone name the one tenant that is served', async () => {
    world.directory.only = acme;
    for (const credential of [anns, roots]) {
      expect(await outcome('tenant', credential, { path: acme })).toBe('true');
      expect(world.scope.placement).toMatchObject({ organizationId: acme });
      expect(await outcome('tenant', credential, { path: globex })).toBe('404 not_found');
      expect(await outcome('tenant', credential, { path: acme, tenant: 'acme' })).toBe('400 bad_request');
      expect(await outcome('leads', credential, { host: 'globex.example.com' })).toBe('true');
    }
  });

  it('points the scope at the tenant of the path, and at none when the path is refused', async () => {
    await call('change', roots, { path: globex, tenant: 'acme' });
    expect(world.scope.placement).toMatchObject({ organizationId: globex });
    expect(await outcome('tenant', anns, { path: globex })).toBe('404 not_found');
    expect(world.scope.placement).toBeUndefined();
  });

  it('does not tell a suspended platform user which tenants there are', async () => {
    world.source.status = 'suspended';
    for (const path of [acme, newId()]) expect(await outcome('change', roots, { path })).toBe('401 unauthenticated');
    for (const tenant of ['acme', 'nowhere']) expect(await outcome('leads', roots, tenant)).toBe('401 unauthenticated');
  });

  it('answers a member without a promise once his host is in memory', async () => {
    for (const host of ['acme.example.com', '127.0.0.1:3000', 'www.example.com']) {
      expect(await call('leads', anns, { host })).toBe(true);
      expect(call('leads', anns, { host })).toBe(true);
    }
  });

  it('asks for a reason where the tenant does, behind the layers, and of platform users alone', async () => {
    world.source.asksReason = true;
    expect(await outcome('leads', roots, 'acme')).toBe('422 reason_required');
    expect(await outcome('leads', roots, { tenant: 'acme', reason: '' })).toBe('422 reason_required');
    expect(await outcome('change', roots, { path: acme })).toBe('422 reason_required');
    expect(await outcome('change', roots, { path: 'acme' })).toBe('422 validation_failed');
    expect(await outcome('log', roots, 'acme')).toBe('422 reason_required');
    expect(world.scope.placement).toBeUndefined();
    expect(await outcome('log', roots)).toBe('true');
    expect(await outcome('me', roots, 'acme')).toBe('true');
    expect(await outcome('me', roots, { tenant: 'acme', reason: 'x'.repeat(256) })).toBe('422 reason_required');
    expect(await outcome('leads', anns)).toBe('true');
    expect(await outcome('remove', anns)).toBe('403 permission_denied');
    expect(await outcome('leads', roots, { tenant: 'acme', reason: 'Ticket 4711' })).toBe('true');
  });

  it('keeps the reason of a platform user for what he leaves behind, and nobody else’s', async () => {
    await call('remove', roots, { tenant: 'acme', reason: 'Ticket 4711' });
    expect(world.scope.reason).toBe('Ticket 4711');
    await call('plans', roots, { reason: 'Prices' });
    expect(world.scope.reason).toBe('Prices');
    await call('leads', anns, { reason: 'none of his' });
    expect(world.scope).not.toHaveProperty('reason');
  });

  it('stores what a platform user reads in a tenant before he is let in', async () => {
    expect(await call('leads', roots, { tenant: 'acme', method: 'GET', reason: 'Ticket 4711' })).toBe(true);
    expect(await call('leads', roots, { tenant: 'acme', method: 'HEAD' })).toBe(true);
    expect(world.log.entries).toEqual([
      { by: root, why: 'Ticket 4711', values: expect.arrayContaining([acme, 'platform', 'read', 'crm.leads']) },
      { by: root, why: undefined, values: expect.arrayContaining([acme, 'platform', 'read', 'crm.leads']) },
    ]);
    await call('tenant', roots, { path: globex, method: 'GET' });
    expect(world.log.entries[2]?.values).toEqual(expect.arrayContaining([globex, 'tenant']));
    await call('menus', roots, { tenant: 'acme', method: 'GET' });
    expect(world.log.entries[3]?.values).toEqual(expect.arrayContaining([acme, 'menus']));
    await call('log', roots, { tenant: 'acme', method: 'GET' });
    expect(world.log.entries).toHaveLength(5);
    world.log.fails = true;
    await expect(call('leads', roots, { tenant: 'acme', method: 'GET' })).rejects.toThrow('the database is away');
  });

  it.each<[string, Call]>([
    ['a platform user writes', ['remove', roots, { tenant: 'acme', method: 'DELETE' }]],
    ['he reads in no tenant', ['log', roots, { method: 'GET' }]],
    ['he asks who he is', ['me', roots, { tenant: 'acme', method: 'GET' }]],
    ['he reads what is the platform’s', ['plans', roots, { tenant: 'acme', method: 'GET' }]],
    ['he is refused', ['leads', roots, { tenant: 'nowhere', method: 'GET' }]],
    ['his path is refused', ['tenant', roots, { path: 'acme', method: 'GET' }]],
    ['a member reads', ['leads', anns, { method: 'GET' }]],
  ])('stores no reading when %s', async (_, args) => {
    await outcome(...args);
    await outcome(...args);
    expect(world.log.entries).toEqual([]);
  });
});
