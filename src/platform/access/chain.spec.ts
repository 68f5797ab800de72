import { describe, it, expect } from '@jest/globals';
import { accessTo, platformOnly, signedIn, type ProtectedAccess } from './access.js';
import { decide, explain } from './chain.js';
import { problemOf, type Caller } from './layer.js';
import { ModuleSet } from './module-set.js';
import { PermissionSet } from './permission-set.js';
import { Snapshot, type Standing, type TenantFacts } from './snapshot.js';

const ORGANIZATION = '01990000-0000-7000-8000-00000000000a';
const placement = { organizationId: ORGANIZATION, epoch: 1, server: 'main', database: 'tenantry', schema: 'shared' };
const { modules } = ModuleSet.decide({
  enabledModules: { inventory: false },
  subscription: { status: 'active', pastDueAt: null },
  planModules: new Set(['boards', 'crm', 'custom_roles']),
  freeModules: new Set(['boards']),
  trials: new Map([['hr', 1]]),
  now: 2,
});
const acme: TenantFacts = {
  organizationId: ORGANIZATION,
  code: 'Acme',
  status: 'active',
  asksReason: false,
  modules,
  placement,
};
const member: Standing = {
  platform: false,
  superuser: false,
  userStatus: 'active',
  memberStatus: 'active',
  roleCodes: ['custom'],
  priority: 10,
  recordScope: 'own',
  permissions: PermissionSet.of([
    { code: 'crm.read', scope: 'own' },
    { code: 'inventory.*', scope: 'all' },
    { code: 'hr.*', scope: 'all' },
    { code: 'finance.*', scope: 'all' },
    { code: 'role_manage', scope: 'all' },
    { code: 'post_create', scope: 'own' },
  ]),
};
const platform: Standing = {
  ...member,
  platform: true,
  superuser: true,
  memberStatus: null,
  roleCodes: ['super_admin'],
  priority: 100,
  permissions: PermissionSet.of([]),
};

const caller = (standing: Standing, tenant: TenantFacts | null, how: Partial<Caller> = {}): Caller => ({
  snapshot: Snapshot.of({ userId: 'u', tenant, standing, sessions: [], validUntil: Infinity }),
  named: undefined,
  host: null,
  byKey: false,
  ...how,
});
/** "403 code layer required reason", or "pass". */
const answer = (access: ProtectedAccess, who: Caller): string => {
  const verdict = decide(access, who);
  if (verdict.passed) return 'pass';
  const { status, code, extras } = problemOf(verdict);
  return [status, code, extras.layer, extras.required, extras.reason].filter((each) => each !== undefined).join(' ');
};
const leads = accessTo('crm.leads', 'read');

describe('the chain', () => {
  it.each<[string, ProtectedAccess, Caller, string]>([
    // layer 1
    ['a member with the permission', leads, caller(member, acme), 'pass'],
    ['one who may do it with his own', accessTo('post', 'update', { own: 'create' }), caller(member, acme), 'pass'],
    [
      'one who may not even do it with his own',
      accessTo('board', 'update', { own: 'create' }),
      caller(member, acme),
      '403 permission_denied permission board_update',
    ],
    ['a suspended user', leads, caller({ ...member, userStatus: 'suspended' }, acme), '401 unauthenticated'],
    ['an inactive user', leads, caller({ ...member, userStatus: 'inactive' }, acme), '401 unauthenticated'],
    ['a suspended member', leads, caller({ ...member, memberStatus: 'suspended' }, acme), '401 unauthenticated'],
    ['a suspended platform user', leads, caller({ ...platform, userStatus: 'suspended' }, acme), '401 unauthenticated'],
    ['a suspended tenant', leads, caller(member, { ...acme, status: 'suspended' }), '403 tenant_suspended tenant'],
    [
      'an inactive tenant',
      leads,
      caller(member, { ...acme, status: 'inactive' }),
      '403 tenant_suspended tenant inactive',
    ],
    [
      'a suspended tenant, signed in is enough',
      signedIn(),
      caller(member, { ...acme, status: 'suspended' }),
      '403 tenant_suspended tenant',
    ],
    [
      'a suspended tenant, a platform user',
      leads,
      caller(platform, { ...acme, status: 'suspended' }),
      '403 tenant_suspended tenant',
    ],
    ['a half-made tenant', leads, caller(member, { ...acme, status: 'unavailable' }), '503 unavailable'],
    [
      'a suspended user before a suspended tenant',
      leads,
      caller({ ...member, userStatus: 'suspended' }, { ...acme, status: 'suspended' }),
      '401 unauthenticated',
    ],
    ['his own tenant named by code', leads, caller(member, acme, { named: 'Acme' }), 'pass'],
    ['his own tenant named by code in another case', leads, caller(member, acme, { named: 'aCME' }), 'pass'],
    [
      'his own tenant named by id in upper case',
      leads,
      caller(member, acme, { named: ORGANIZATION.toUpperCase() }),
      'pass',
    ],
    ['another tenant named', leads, caller(member, acme, { named: 'globex' }), '403 tenant_mismatch tenant'],
    [
      'another tenant named before entitlement',
      accessTo('shop', 'read'),
      caller(member, acme, { named: 'globex' }),
      '403 tenant_mismatch tenant',
    ],
    ['a host of his own tenant', leads, caller(member, acme, { host: ORGANIZATION }), 'pass'],
    [
      "another tenant's host, before entitlement",
      accessTo('shop', 'read'),
      caller(member, acme, { host: '01990000-0000-7000-8000-00000000000b' }),
      '403 tenant_mismatch tenant',
    ],
    [
      'a platform user whose path names none, which is not for the layers',
      signedIn({ tenant: 'path' }),
      caller(platform, null),
      'pass',
    ],
    ['a platform user without a tenant', leads, caller(platform, null), '400 tenant_required'],
    [
      'a platform user without a tenant, where none is needed',
      accessTo('tenant', 'read', { tenant: 'optional' }),
      caller(platform, null),
      'pass',
    ],
    ['a platform user without a tenant, on a route of the platform', platformOnly(), caller(platform, null), 'pass'],
    ['a member without a tenant', signedIn({ tenant: 'optional' }), caller(member, null), '401 unauthenticated'],
    // layer 2
    [
      'a module outside the plan',
      accessTo('finance.invoices', 'read'),
      caller(member, acme),
      '403 not_entitled entitlement finance not_in_plan',
    ],
    [
      'a module switched off',
      accessTo('inventory.items', 'read'),
      caller(member, acme),
      '403 not_entitled entitlement inventory disabled',
    ],
    [
      'a trial that is over',
      accessTo('hr.employees', 'read'),
      caller(member, acme),
      '403 trial_expired entitlement hr trial_expired',
    ],
    [
      'entitlement before permission',
      accessTo('shop.orders', 'delete'),
      caller(member, acme),
      '403 not_entitled entitlement shop not_in_plan',
    ],
    [
      'making roles is a feature',
      accessTo('role', 'create'),
      caller(member, { ...acme, modules: bare() }),
      '403 not_entitled entitlement custom_roles not_in_plan',
    ],
    ['giving roles is not', accessTo('role', 'manage'), caller(member, { ...acme, modules: bare() }), 'pass'],
    ['a platform user is bound by none', accessTo('finance.invoices', 'read'), caller(platform, acme), 'pass'],
    // layer 3
    [
      'an action that is not granted',
      accessTo('crm.leads', 'create'),
      caller(member, acme),
      '403 permission_denied permission crm_leads_create',
    ],
    [
      'a platform resource',
      accessTo('user', 'read'),
      caller(member, acme),
      '403 permission_denied permission user_read',
    ],
    [
      'a custom permission without it',
      accessTo('custom_export'),
      caller(member, acme),
      '403 permission_denied permission custom_export',
    ],
    ['a route of the platform', platformOnly(), caller(member, acme), '403 permission_denied permission super_admin'],
    [
      'a platform user without super_admin',
      leads,
      caller({ ...platform, superuser: false }, acme),
      '403 permission_denied permission crm_leads_read',
    ],
    [
      'a platform user without super_admin, on a route of the platform',
      platformOnly(),
      caller({ ...platform, superuser: false }, null),
      '403 permission_denied permission super_admin',
    ],
    [
      'somebody signed in without any permission',
      signedIn(),
      caller({ ...member, permissions: PermissionSet.of([]) }, acme),
      'pass',
    ],
    [
      'a key on a route for sessions',
      signedIn({ session: true }),
      caller(member, acme, { byKey: true }),
      '403 session_required permission',
    ],
    ['a key elsewhere', leads, caller(member, acme, { byKey: true }), 'pass'],
  ])('%s', (_, access, who, expected) => {
    expect(answer(access, who)).toBe(expected);
  });
});

function bare(): ModuleSet {
  const none = new Set<string>();
  const facts = {
    enabledModules: {},
    subscription: null,
    planModules: none,
    freeModules: none,
    trials: new Map(),
    now: 0,
  };
  return ModuleSet.decide(facts).modules;
}

describe('explain', () => {
  it("tells each layer's question, facts and answer, also behind the one that refuses", () => {
    const explained = explain(accessTo('finance.invoices', 'read'), caller(member, acme));
    expect(explained.access).toMatchObject({ kind: 'permission', module: 'finance' });
    expect(explained.layers.map(({ layer, answer: { passed } }) => [layer, passed])).toEqual([
      ['tenant', true],
      ['entitlement', false],
      ['permission', true],
    ]);
    expect(explained.layers[0]?.facts).toMatchObject({
      tenant_code: 'Acme',
      tenant_status: 'active',
      user_status: 'active',
    });
    expect(explained.layers[1]).toMatchObject({
      question: 'May this tenant use finance now?',
      facts: { module: 'finance', reason: 'not_in_plan' },
    });
    expect(explained.layers[2]?.facts).toMatchObject({ role_codes: ['custom'], record_scope: 'all' });
    expect(explained.verdict).toEqual({
      passed: false,
      layer: 'entitlement',
      status: 403,
      code: 'not_entitled',
      required: 'finance',
      reason: 'not_in_plan',
    });
  });

  it('says why a platform user passes', () => {
    const { layers, verdict } = explain(accessTo('finance.invoices', 'read'), caller(platform, acme));
    expect(layers.map(({ answer: { because } }) => because)).toEqual([
      undefined,
      'a platform user is bound by no entitlement',
      'super_admin may do everything, in any tenant',
    ]);
    expect(layers[2]?.facts).toMatchObject({ record_scope: 'all' });
    expect(verdict).toEqual({ passed: true });
  });

  it('can be written as JSON and names no permission set', () => {
    const text = JSON.stringify(explain(leads, caller(member, acme)));
    expect(JSON.parse(text)).toMatchObject({ verdict: { passed: true } });
    expect(text).toContain('crm_leads_manage');
  });
});
