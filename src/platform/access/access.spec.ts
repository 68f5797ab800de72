import { describe, it, expect } from '@jest/globals';
import { accessTo, describeAccess, parseAccess, platformOnly, signedIn } from './access.js';
import { accessOf, PlatformOnly, Public, RequireAccess, RequireCustomAccess, SignedIn } from './decorators.js';
import { moduleNumber } from './module-set.js';
import { bitOf, PermissionSet } from './permission-set.js';
import type { Action } from './resources.js';

describe('accessTo', () => {
  it.each<[string, Action, string, string]>([
    ['crm.leads', 'read', 'crm_leads_read', 'crm'],
    ['crm', 'manage', 'crm.manage', 'crm'],
    ['hr.leave_requests', 'update', 'hr_leave_requests_update', 'hr'],
    ['user', 'create', 'user_create', 'admin'],
    ['role', 'create', 'role_create', 'custom_roles'],
    ['role', 'read', 'role_read', 'admin'],
    ['email.accounts', 'read', 'email_accounts_read', 'email'],
  ])('(%s, %s) needs %s in %s', (resource, action, code, module) => {
    const access = accessTo(resource, action);
    expect(access).toMatchObject({ kind: 'permission', code, module, tenant: 'required', session: false });
    expect(access.bit).toBe(bitOf(code));
    expect(access.moduleNumber).toBe(moduleNumber(module));
  });

  it('asks no module for a custom permission', () => {
    expect(accessTo('custom_export')).toMatchObject({
      code: 'custom_export',
      action: null,
      module: null,
      moduleNumber: -1,
    });
  });

  it.each<[string, Action | undefined]>([
    ['crm.leeds', 'read'],
    ['leads', 'read'],
    ['CRM.leads', 'read'],
    ['custom_export', 'read'],
    ['custom_', undefined],
    ['user_read', undefined],
    ['user', undefined],
  ])('refuses (%s, %s)', (resource, action) => {
    expect(() => accessTo(resource, action)).toThrow(/there is no permission for/);
  });
});

describe('parseAccess', () => {
  it.each([
    ['crm.leads:read', 'crm_leads_read'],
    ['CRM.Leads:READ', 'crm_leads_read'],
    ['user:manage', 'user_manage'],
    ['custom_export', 'custom_export'],
    ['crm.leads', undefined],
    ['crm.leads:export', undefined],
    ['crm.leeds:read', undefined],
    ['crm.leads:read:all', undefined],
    ['', undefined],
    [':', undefined],
  ])('%j', (text, code) => {
    expect(parseAccess(text)?.code).toBe(code);
  });
  it('numbers no custom code that is only asked about, and finds one that somebody holds', () => {
    const { bit } = parseAccess('custom_asked_about') ?? {};
    expect(parseAccess('custom_asked_about_too')?.bit).toBe(bit);
    const held = PermissionSet.of([{ code: 'custom_held', scope: 'all' }]);
    expect(held.has(bit ?? 0)).toBe(false);
    expect(held.has(parseAccess('custom_held')?.bit ?? 0)).toBe(true);
  });
});

const POST_UPDATE = ['post_update', 'post_manage', 'boards.update', 'boards.manage', 'boards.*', 'boards_admin'];

describe('describeAccess', () => {
  it.each([
    [{ kind: 'public' } as const, { kind: 'public' }],
    [signedIn({ session: true }), { kind: 'signed_in', tenant: 'required', session_only: true }],
    [signedIn({ tenant: 'path' }), { kind: 'signed_in', tenant: 'path', session_only: false }],
    [platformOnly(), { kind: 'platform', tenant: 'optional', session_only: false }],
    [
      accessTo('user', 'read'),
      {
        kind: 'permission',
        tenant: 'required',
        session_only: false,
        module: 'admin',
        any_of: ['user_read', 'user_manage'],
      },
    ],
    [
      accessTo('post', 'update', { own: 'create' }),
      {
        kind: 'permission',
        tenant: 'required',
        session_only: false,
        module: 'boards',
        any_of: [...POST_UPDATE, 'post_create', 'boards.create'],
        own_only: ['post_create', 'boards.create'],
      },
    ],
  ])('%#', (access, description) => {
    expect(describeAccess(access)).toEqual(description);
  });
});

describe('the decorators', () => {
  class Controller {
    @RequireAccess('crm.leads', 'read') list() {}
    @RequireCustomAccess('custom_export') export() {}
    @SignedIn({ tenant: 'optional', session: true }) me() {}
    @PlatformOnly() plans() {}
    @Public() live() {}
    open() {}
  }
  const { prototype } = Controller;

  it('declare what a handler needs', () => {
    expect(accessOf(prototype.list)).toMatchObject({ kind: 'permission', code: 'crm_leads_read' });
    expect(accessOf(prototype.export)).toMatchObject({ kind: 'permission', code: 'custom_export' });
    expect(accessOf(prototype.me)).toEqual({ kind: 'signed_in', tenant: 'optional', session: true });
    expect(accessOf(prototype.plans)).toEqual({ kind: 'platform', tenant: 'optional', session: false });
    expect(accessOf(prototype.live)).toEqual({ kind: 'public' });
    expect(accessOf(prototype.open)).toBeUndefined();
  });

  it('stop a class that asks for what there is not, or twice', () => {
    const loading = (decorate: () => MethodDecorator[]) => () => {
      class Wrong {
        handler() {}
      }
      const descriptor = Object.getOwnPropertyDescriptor(Wrong.prototype, 'handler');
      for (const decorator of decorate()) if (descriptor) decorator(Wrong.prototype, 'handler', descriptor);
    };
    expect(loading(() => [RequireAccess('crm.leeds', 'read')])).toThrow(/crm\.leeds, read/);
    expect(loading(() => [RequireCustomAccess('custom_Export')])).toThrow(/custom_Export/);
    expect(loading(() => [Public(), SignedIn()])).toThrow(/handler declares its access twice/);
  });
});
