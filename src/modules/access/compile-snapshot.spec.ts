import { describe, it, expect } from '@jest/globals';
import { bitOf, moduleNumber, type Snapshot } from '../../platform/access/index.js';
import { compileSnapshot } from './compile-snapshot.js';
import type { RoleRow, SnapshotRow, TenantRow } from './snapshot-row.js';

/** The database's clock is ten minutes ahead of the node's. */
const NODE = 1_800_000_000_000;
const NOW = NODE + 600_000;
const DAY = 24 * 60 * 60 * 1000;

const NEEDED = 'Migration20261127_needed';
const tenant: TenantRow = {
  id: 'acme-id',
  code: 'acme',
  status: 'active',
  asks_reason: false,
  enabled_modules: {},
  epoch: 3,
  location_status: 'ready',
  migration: NEEDED,
  server: 'main',
  database: 'tenantry',
  schema: 'shared',
};
const viewer: RoleRow = {
  code: 'viewer',
  built_in: true,
  priority: 10,
  record_scope: 'all',
  permissions: 'crm.read user_read',
};
const manager: RoleRow = {
  code: 'manager',
  built_in: true,
  priority: 30,
  record_scope: 'team',
  permissions: 'menu_read',
};
const superAdmin: RoleRow = {
  code: 'super_admin',
  built_in: true,
  priority: 100,
  record_scope: 'all',
  permissions: null,
};
const row = (over: Partial<SnapshotRow> = {}): SnapshotRow => ({
  now: NOW,
  user_status: 'active',
  platform: false,
  member_status: 'active',
  tenant,
  roles: [viewer],
  direct: null,
  modules: null,
  subscription: { status: 'active', past_due_at: null, modules: ['crm', 'sales'] },
  free_modules: ['boards'],
  trials: null,
  sessions: null,
  organization_version: '7',
  everything_version: null,
  ...over,
});
const compile = (over: Partial<SnapshotRow> = {}): Snapshot => {
  const snapshot = compileSnapshot('user-id', row(over), NODE, NEEDED);
  if (snapshot === undefined) throw new Error('nobody to speak of');
  return snapshot;
};
const entitled = (snapshot: Snapshot, module: string) => snapshot.tenant?.modules.has(moduleNumber(module) ?? -1);

describe('a member', () => {
  it('is where his tenant is, with the rights of his roles', () => {
    const snapshot = compile();
    expect(snapshot).toMatchObject({ userId: 'user-id', organizationId: 'acme-id', platform: false, superuser: false });
    expect(snapshot.placement).toEqual({
      organizationId: 'acme-id',
      epoch: 3,
      server: 'main',
      database: 'tenantry',
      schema: 'shared',
    });
    expect(snapshot.standing).toMatchObject({ roleCodes: ['viewer'], priority: 10, recordScope: 'all' });
    expect(snapshot.scopeOf(bitOf('crm_leads_read'))).toBe('all');
    expect(snapshot.may(bitOf('crm_leads_update'))).toBe(false);
    expect(snapshot.seesUsers).toBe('all');
    expect(snapshot.tenant?.asksReason).toBe(false);
    expect(snapshot.validUntil).toBe(Infinity);
  });

  it('has what was granted to him as far as his highest role reaches, and a manager all of his modules', () => {
    const snapshot = compile({
      roles: [manager, viewer],
      direct: [{ code: 'sales_orders_read', ends: null }],
      modules: ['crm'],
    });
    expect(snapshot.scopeOf(bitOf('sales_orders_read'))).toBe('team');
    expect(snapshot.scopeOf(bitOf('crm_leads_update'))).toBe('team');
    expect(snapshot.scopeOf(bitOf('crm_leads_read'))).toBe('all');
    expect(snapshot.standing).toMatchObject({ priority: 30, recordScope: 'all' });
  });

  it('without any role has no rights and sees himself', () => {
    const snapshot = compile({ roles: null });
    expect(snapshot.standing).toMatchObject({ roleCodes: [], priority: 0, recordScope: 'own' });
    expect(snapshot.seesUsers).toBe('self');
  });

  it.each([
    ['suspended', { user_status: 'suspended' }],
    ['suspended as a member', { member_status: 'suspended' }],
    ['not active yet', { user_status: 'inactive' }],
  ] as const)('%s has a snapshot that says so', (_, over) => {
    expect(compile(over).alive).toBe(false);
  });

  it("is no super administrator by a tenant's own role of that code", () => {
    expect(compile({ roles: [{ ...superAdmin, built_in: false }] }).superuser).toBe(false);
  });
});

describe('nobody to speak of', () => {
  it.each([
    ['no member of the tenant', { member_status: null }],
    ["a tenant's user without one", { tenant: null, member_status: null }],
  ])('%s', (_, over) => {
    expect(compileSnapshot('user-id', row(over), NODE, NEEDED)).toBeUndefined();
  });
});

describe('a platform user', () => {
  const platform = { platform: true, member_status: null, roles: [superAdmin] };

  it('acts in any tenant, bound by no permission', () => {
    const snapshot = compile(platform);
    expect(snapshot).toMatchObject({ platform: true, superuser: true, alive: true, organizationId: 'acme-id' });
    expect(snapshot.may(bitOf('tenant_create'))).toBe(true);
  });

  it('acts in none', () => {
    expect(compile({ ...platform, tenant: null, subscription: null })).toMatchObject({
      tenant: null,
      placement: undefined,
      alive: true,
    });
  });

  it('without the role may nothing', () => {
    const snapshot = compile({ ...platform, roles: null });
    expect(snapshot).toMatchObject({ platform: true, superuser: false });
    expect(snapshot.may(bitOf('crm_leads_read'))).toBe(false);
  });
});

describe('a tenant', () => {
  it.each<[string, Partial<TenantRow>, string]>([
    ['ready', {}, 'active'],
    ['suspended, wherever it is', { status: 'suspended', location_status: 'failed' }, 'suspended'],
    ['being made', { location_status: 'provisioning' }, 'unavailable'],
    ['without a location', { location_status: null, server: null, schema: null }, 'unavailable'],
  ])('%s', (_, over, status) => {
    const snapshot = compile({ tenant: { ...tenant, ...over } });
    expect(snapshot.tenant?.status).toBe(status);
    expect(snapshot.placement === undefined).toBe(
      (over.location_status ?? 'ready') !== 'ready' || over.server === null,
    );
  });

  it('may use what its plan has, what it was given, and what it tries', () => {
    const snapshot = compile({
      tenant: { ...tenant, enabled_modules: { sales: false, hr: true } },
      trials: { finance: NOW + DAY, asset: NOW - 1 },
    });
    const modules = ['crm', 'sales', 'hr', 'finance', 'asset', 'shop'];
    expect(modules.map((module) => entitled(snapshot, module))).toEqual([true, false, true, true, false, false]);
  });

  it('has what is free once it is past due for more than a week', () => {
    const late = { status: 'past_due', past_due_at: NOW - 8 * DAY, modules: ['crm'] } as const;
    const snapshot = compile({ subscription: late });
    expect([entitled(snapshot, 'crm'), entitled(snapshot, 'boards')]).toEqual([false, true]);
  });
});

describe('what a clock changes', () => {
  it.each<[string, Partial<SnapshotRow>, number]>([
    ['a trial', { trials: { finance: NOW + DAY } }, DAY],
    ['a grant', { direct: [{ code: 'crm_leads_read', ends: NOW + 5_000 }] }, 5_000],
    ['a session', { sessions: [{ family: 'a', ends: NOW + 7_000 }] }, 7_000],
    [
      'the days of grace',
      { subscription: { status: 'past_due', past_due_at: NOW - 2 * DAY, modules: ['crm'] } },
      5 * DAY + 1,
    ],
    [
      'the first of them',
      {
        trials: { finance: NOW + DAY },
        sessions: [{ family: 'a', ends: NOW + 9 }],
        direct: [{ code: 'x', ends: null }],
      },
      9,
    ],
  ])('%s ends the snapshot by the clock of the node, whatever that shows', (_, over, after) => {
    expect(compile(over).validUntil).toBe(NODE + after);
  });
});
