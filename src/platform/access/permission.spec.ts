import { describe, it, expect } from '@jest/globals';
import {
  codeOf,
  generatedPermissions,
  impliedBy,
  isCustomPermission,
  metBy,
  parsePermission,
  PLATFORM_ONLY,
} from './permission.js';
import type { Action } from './resources.js';

const sorted = (codes: readonly string[]) => [...codes].sort();

describe('the permissions of the registry', () => {
  it('have a code each, and a row that says what it is about', () => {
    const rows = generatedPermissions();
    expect(new Set(rows.map(({ code }) => code)).size).toBe(rows.length);
    expect(rows.find(({ code }) => code === 'crm_leads_read')).toEqual({
      code: 'crm_leads_read',
      name: 'Read leads (CRM)',
      resource: 'crm.leads',
      action: 'read',
      module: 'crm',
      submodule: 'leads',
    });
    expect(rows.find(({ code }) => code === 'crm_admin')).toMatchObject({ resource: 'crm', action: 'manage' });
    expect(rows.find(({ code }) => code === 'role_create')).toMatchObject({ module: 'custom_roles', submodule: null });
  });

  it('fit their columns', () => {
    for (const { code, name, resource } of generatedPermissions()) {
      expect(code.length).toBeLessThanOrEqual(100);
      expect(name.length).toBeLessThanOrEqual(100);
      expect(resource.length).toBeLessThanOrEqual(100);
    }
  });
});

describe('parsing a permission code', () => {
  it.each([
    ['user_read', { form: 'resource', resource: 'user', action: 'read' }],
    ['api_key_manage', { form: 'resource', resource: 'api_key', action: 'manage' }],
    ['crm.read', { form: 'module', module: 'crm', action: 'read' }],
    ['crm.*', { form: 'module', module: 'crm', action: '*' }],
    ['crm_admin', { form: 'module', module: 'crm', action: 'admin' }],
    ['custom_roles_admin', { form: 'module', module: 'custom_roles', action: 'admin' }],
    ['crm_leads_read', { form: 'submodule', module: 'crm', submodule: 'leads', action: 'read' }],
    ['hr_leave_requests_update', { form: 'submodule', module: 'hr', submodule: 'leave_requests', action: 'update' }],
    ['custom_action', { form: 'custom', name: 'action' }],
    ['custom_2_exports', { form: 'custom', name: '2_exports' }],
  ])('%s', (code, permission) => {
    expect(parsePermission(code)).toEqual(permission);
  });

  it.each([
    'crm-read',
    'crm read',
    'crm',
    '.read',
    'crm.',
    'crm_leeds_read',
    'CRM.read',
    'User_read',
    'user_',
    '_read',
    '*',
    '',
    'user_read ',
    'user_read\n',
    'crm.leads',
    'crm.leads.read',
    'leads_read',
    'crm_leads_*',
    'crm_leads_export',
    'crm.admin',
    'custom_',
    'custom',
    'custom_Action',
    'custom__x',
    'custom_x_',
    'custom_é',
    `custom_${'x'.repeat(94)}`,
    '__proto__',
  ])('%j is none', (code) => {
    expect(parsePermission(code)).toBeUndefined();
    expect(impliedBy(code)).toEqual([]);
  });

  it('takes a custom code of 100 characters, and only custom codes as made by hand', () => {
    expect(isCustomPermission(`custom_${'x'.repeat(93)}`)).toBe(true);
    expect(isCustomPermission('custom_roles_admin')).toBe(false);
    expect(isCustomPermission('user_read')).toBe(false);
  });
});

describe('what a permission implies', () => {
  it.each([
    ['crm_leads_read', ['crm_leads_read']],
    ['user_manage', ['user_create', 'user_read', 'user_update', 'user_delete', 'user_manage']],
    ['tenant_manage', ['tenant_manage', 'tenant_read', 'tenant_update']],
    ['crm_leads_manage', ['create', 'read', 'update', 'delete', 'manage'].map((action) => `crm_leads_${action}`)],
    ['manufacturing.read', ['manufacturing.read', 'manufacturing_boms_read', 'manufacturing_orders_read']],
    ['boards.read', ['boards.read', 'board_read', 'category_read', 'post_read']],
    ['admin.read', ['admin.read']],
    ['api_keys.*', ['create', 'read', 'update', 'delete', 'manage', '*'].map((action) => `api_keys.${action}`)],
    ['custom_action', ['custom_action']],
  ])('%s', (code, implied) => {
    expect(sorted(impliedBy(code))).toEqual(sorted(implied));
  });

  it('grows from manage to * to admin of a module', () => {
    const [manage, all, admin] = [impliedBy('crm.manage'), impliedBy('crm.*'), impliedBy('crm_admin')];
    expect(manage).toHaveLength(5 + 4 * 5);
    expect(sorted(all)).toEqual(sorted([...manage, 'crm.*']));
    expect(sorted(admin)).toEqual(sorted([...all, 'crm_admin']));
  });

  it('never reaches from one module into another', () => {
    for (const code of impliedBy('crm_admin')) expect(code).toMatch(/^crm[._]/);
  });

  it('gives what only the platform holds to no code of a tenant', () => {
    for (const { code } of generatedPermissions())
      if (!PLATFORM_ONLY.has(code)) expect(impliedBy(code).filter((each) => PLATFORM_ONLY.has(each))).toEqual([]);
  });
});

describe('what meets an access', () => {
  it.each<[string, Action, string[]]>([
    ['crm.leads', 'read', ['crm_leads_read', 'crm_leads_manage', 'crm.read', 'crm.manage', 'crm.*', 'crm_admin']],
    ['crm.leads', 'manage', ['crm_leads_manage', 'crm.manage', 'crm.*', 'crm_admin']],
    ['crm', 'manage', ['crm.manage', 'crm.*', 'crm_admin']],
    ['user', 'create', ['user_create', 'user_manage']],
    ['board', 'read', ['board_read', 'board_manage', 'boards.read', 'boards.manage', 'boards.*', 'boards_admin']],
    ['tenant', 'create', ['tenant_create']],
    ['audit', 'read', ['audit_read', 'audit_manage']],
  ])('%s:%s', (resource, action, codes) => {
    const code = codeOf(resource, action);
    expect(code).toBe(codes[0]);
    expect(metBy(code ?? '')).toEqual(codes);
  });

  it('agrees with what each code implies', () => {
    for (const { code } of generatedPermissions())
      for (const holder of metBy(code)) expect(impliedBy(holder)).toContain(code);
  });

  it.each(['leads', 'crm.leeds', 'CRM.leads', 'custom', ''])('knows no resource %j', (resource) => {
    expect(codeOf(resource, 'read')).toBeUndefined();
  });
});
