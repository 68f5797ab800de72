import { describe, it, expect } from '@jest/globals';
import { generatedPermissions } from './permission.js';
import { bitOf, PermissionSet, type Grant, type RecordScope } from './permission-set.js';

const set = (...grants: [string, RecordScope][]) =>
  PermissionSet.of(grants.map(([code, scope]): Grant => ({ code, scope })));
const scopeOf = (of: PermissionSet, code: string) => of.scopeOf(bitOf(code));

describe('bitOf', () => {
  it('numbers every generated code once, and custom codes as they are met', () => {
    const bits = generatedPermissions().map(({ code }) => bitOf(code));
    expect(new Set(bits).size).toBe(bits.length);
    const custom = bitOf('custom_bit');
    expect(bits).not.toContain(custom);
    expect(bitOf('custom_bit')).toBe(custom);
  });
});

describe('PermissionSet', () => {
  it('has what is granted, what that implies, and nothing else', () => {
    const own = set(['crm.read', 'own'], ['user_manage', 'all']);
    const held = own.grants().map(({ code }) => code);
    expect(held).toContain('crm_contacts_read');
    expect(held).toContain('user_delete');
    expect(own.has(bitOf('crm_contacts_read'))).toBe(true);
    expect(own.has(bitOf('crm_contacts_update'))).toBe(false);
    expect(own.has(bitOf('crm.manage'))).toBe(false);
    for (const { code } of generatedPermissions()) expect(own.has(bitOf(code))).toBe(held.includes(code));
  });

  it.each<[string, [string, RecordScope][], RecordScope | undefined]>([
    ['own', [['crm_leads_read', 'own']], 'own'],
    [
      'team over own',
      [
        ['crm_leads_read', 'own'],
        ['crm_leads_read', 'team'],
      ],
      'team',
    ],
    [
      'all over team',
      [
        ['crm_leads_read', 'all'],
        ['crm_leads_read', 'team'],
      ],
      'all',
    ],
    [
      'the scope of the permission that implies it',
      [
        ['crm_leads_read', 'own'],
        ['crm.*', 'team'],
      ],
      'team',
    ],
    ['nothing from another permission', [['crm_leads_update', 'all']], undefined],
  ])('has the widest record scope: %s', (_, grants, scope) => {
    expect(scopeOf(set(...grants), 'crm_leads_read')).toBe(scope);
    expect(scopeOf(set(...[...grants].reverse()), 'crm_leads_read')).toBe(scope);
  });

  it('keeps the record scope of each permission apart', () => {
    // an executive who is also a viewer
    const both = set(['crm_leads_read', 'own'], ['crm_leads_update', 'own'], ['crm.read', 'all']);
    expect(scopeOf(both, 'crm_leads_read')).toBe('all');
    expect(scopeOf(both, 'crm_leads_update')).toBe('own');
  });

  it('is one object for equal content, whatever the order and the detours', () => {
    const first = set(['user_read', 'all'], ['crm.read', 'own']);
    expect(set(['crm.read', 'own'], ['user_read', 'all'])).toBe(first);
    expect(set(['crm.read', 'own'], ['crm_leads_read', 'own'], ['user_read', 'all'], ['user_read', 'own'])).toBe(first);
    expect(set(['crm.read', 'own'], ['user_read', 'team'])).not.toBe(first);
    expect(set()).toBe(set(['crm_leeds_read', 'all'], ['nothing', 'own']));
  });

  it('takes custom codes, also far beyond the generated ones', () => {
    for (let made = 0; made < 100; made++) bitOf(`custom_made_${String(made)}`);
    const late = set(['custom_late', 'own']);
    expect(late.has(bitOf('custom_late'))).toBe(true);
    expect(late.has(bitOf('custom_made_99'))).toBe(false);
    expect(set(['user_read', 'own']).has(bitOf('custom_late'))).toBe(false);
    expect(late.isSubsetOf(set(['user_read', 'own']))).toBe(false);
    expect(set(['user_read', 'own']).isSubsetOf(late)).toBe(false);
  });

  it('never has what only the platform holds', () => {
    const codes = ['tenant_create', 'tenant_manage', 'permission_manage', 'permission_read'];
    const held = set(...codes.map((code): [string, RecordScope] => [code, 'all'])).grants();
    expect(held.map(({ code }) => code).sort()).toEqual([
      'permission_read',
      'tenant_manage',
      'tenant_read',
      'tenant_update',
    ]);
  });

  it.each<[[string, RecordScope][], [string, RecordScope][], boolean]>([
    [[], [], true],
    [[['crm_leads_read', 'all']], [['crm.read', 'own']], true],
    [[['crm.*', 'own']], [['crm.manage', 'all']], false],
    [[['crm.manage', 'own']], [['crm_admin', 'own']], true],
    [
      [
        ['crm_leads_read', 'own'],
        ['user_read', 'own'],
      ],
      [['crm.*', 'all']],
      false,
    ],
  ])('%j within %j: %s', (part, whole, answer) => {
    expect(set(...part).isSubsetOf(set(...whole))).toBe(answer);
  });
});
