import { describe, it, expect } from '@jest/globals';
import { MODULES, checkModules, findModule, isModule, privately, type Module } from './modules.js';
import { moduleOfResource, PLATFORM_RESOURCES, type Action } from './resources.js';

const keysOf = (kind: string) => MODULES.filter((module) => module.kind === kind).map(({ key }) => key);
const submodulesOf = (key: string) => findModule(key)?.submodules.map((each) => each.key);
const made = (key: string, ...submodules: Module['submodules']): Module => ({
  key,
  name: key,
  kind: 'licensed',
  advanced: false,
  submodules,
});

describe('the module registry', () => {
  it('has the modules of modules.md, each of its kind', () => {
    expect(keysOf('always_on')).toEqual(['email', 'dashboard']);
    expect(keysOf('by_role')).toEqual(['settings', 'admin', 'organization']);
    expect(keysOf('licensed')).toEqual(
      'boards documents crm sales inventory manufacturing finance hr marketing service asset transport shop'.split(' '),
    );
    expect(keysOf('feature')).toEqual('custom_roles api_keys sso audit_export own_schema own_database'.split(' '));
    expect(MODULES.filter(({ advanced }) => advanced).map(({ key }) => key)).toEqual(keysOf('feature'));
  });

  it.each([
    ['crm', ['leads', 'contacts', 'opportunities', 'activities']],
    ['sales', ['customers', 'quotations', 'orders']],
    ['inventory', ['items', 'warehouses', 'stock_movements']],
    ['manufacturing', ['boms', 'orders']],
    ['hr', ['departments', 'employees', 'leave_requests']],
    ['boards', []],
  ])('knows the submodules of %s', (key, submodules) => {
    expect(submodulesOf(key)).toEqual(submodules);
  });

  it('gives a submodule a snake key, a kebab path and a name', () => {
    const requests = findModule('hr')?.submodules[2];
    expect(requests).toEqual({ key: 'leave_requests', path: 'leave-requests', name: 'Leave requests', private: false });
    expect(privately('messages').private).toBe(true);
  });

  it('compares keys without case', () => {
    expect(findModule('CRM')?.key).toBe('crm');
    expect(isModule('Custom_Roles')).toBe(true);
    expect(isModule('crm.leads')).toBe(false);
  });

  it.each([
    ['a platform resource', [made('user')], /"user" has the name of a platform resource/],
    ['a key twice', [made('crm'), made('crm')], /"crm" is registered twice/],
    ['a key in upper case', [made('Crm')], /"Crm" of module "Crm" is not lower snake_case/],
    ['a submodule with a hyphen', [made('hr', privately('leave-requests'))], /"leave-requests" of module "hr"/],
  ])('refuses %s', (_, modules, message) => {
    expect(() => checkModules(modules)).toThrow(message);
  });
});

describe('the module behind a platform resource', () => {
  it.each<[string, Action, string | undefined]>([
    ['board', 'read', 'boards'],
    ['category', 'create', 'boards'],
    ['post', 'update', 'boards'],
    ['document', 'delete', 'documents'],
    ['api_key', 'create', 'api_keys'],
    ['role', 'create', 'custom_roles'],
    ['role', 'update', 'custom_roles'],
    ['role', 'delete', 'custom_roles'],
    ['role', 'read', 'admin'],
    ['role', 'manage', 'admin'],
    ['user', 'create', 'admin'],
    ['permission', 'read', 'admin'],
    ['group', 'update', 'admin'],
    ['audit', 'read', 'admin'],
    ['tenant', 'update', 'organization'],
    ['subscription', 'read', 'organization'],
    ['menu', 'update', 'settings'],
    ['crm', 'read', undefined],
  ])('%s, %s: %s', (resource, action, module) => {
    expect(moduleOfResource(resource, action)).toBe(module);
  });

  it('is a module of the registry for every resource', () => {
    for (const module of PLATFORM_RESOURCES.values()) expect(isModule(module)).toBe(true);
  });
});
