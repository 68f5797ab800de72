import { describe, it, expect } from '@jest/globals';
import { BUILT_IN_ROLES } from './built-in-roles.js';
import { generatedPermissions, parsePermission, PLATFORM_ONLY } from './permission.js';

const codesOf = (code: string) => BUILT_IN_ROLES.find((role) => role.code === code)?.permissions ?? [];
const BASE = ['board_read', 'document_create', 'document_read', 'menu_read', 'post_create'];

describe('the built-in roles', () => {
  it('stand as access.md ranks them', () => {
    expect(BUILT_IN_ROLES.map(({ code, priority, recordScope }) => [code, priority, recordScope])).toEqual([
      ['super_admin', 100, 'all'],
      ['admin', 50, 'all'],
      ['manager', 30, 'team'],
      ['editor', 20, 'all'],
      ['executive', 15, 'own'],
      ['user', 12, 'own'],
      ['viewer', 10, 'all'],
    ]);
  });

  it('list each permission once, and only such as there are', () => {
    for (const { permissions } of BUILT_IN_ROLES) {
      expect(new Set(permissions).size).toBe(permissions.length);
      for (const code of permissions) expect(parsePermission(code)).toBeDefined();
    }
  });

  it.each([
    ['user', BASE],
    ['executive', BASE],
    ['manager', [...BASE, 'user_create', 'user_read', 'user_update']],
  ])('give a %s the base rights and no more than is said', (role, codes) => {
    expect([...codesOf(role)].sort()).toEqual([...codes].sort());
  });

  it('give an admin everything but what the platform holds', () => {
    const all = generatedPermissions().map(({ code }) => code);
    expect([...codesOf('admin')].sort()).toEqual(all.filter((code) => !PLATFORM_ONLY.has(code)).sort());
    expect(codesOf('super_admin')).toHaveLength(all.length);
  });

  it('let a viewer read everything but the audit log, keys and the subscription', () => {
    expect(codesOf('viewer')).toEqual(
      expect.arrayContaining(['user_read', 'role_read', 'crm.read', 'crm_leads_read', 'boards.read', 'settings.read']),
    );
    for (const hidden of ['audit_read', 'api_key_read', 'subscription_read', 'audit_export.read', 'api_keys.read'])
      expect(codesOf('viewer')).not.toContain(hidden);
    for (const code of codesOf('viewer')) expect(code).toMatch(/[._]read$/);
  });

  it('let an editor write what a viewer reads of menus, boards and documents', () => {
    const more = codesOf('editor').filter((code) => !codesOf('viewer').includes(code));
    const kinds = ['board', 'category', 'document', 'menu', 'post'];
    expect([...more].sort()).toEqual(kinds.flatMap((kind) => [`${kind}_create`, `${kind}_update`]));
    expect(codesOf('editor')).toEqual(expect.arrayContaining([...codesOf('viewer')]));
  });
});
