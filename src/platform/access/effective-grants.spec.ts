import { describe, it, expect } from '@jest/globals';
import { effectiveGrants, highestPriority, widestScope, type HeldRole } from './effective-grants.js';

const viewer: HeldRole = { code: 'viewer', builtIn: true, priority: 10, recordScope: 'all', permissions: ['crm.read'] };
const executive: HeldRole = {
  code: 'executive',
  builtIn: true,
  priority: 15,
  recordScope: 'own',
  permissions: ['post_create'],
};
const manager: HeldRole = {
  code: 'manager',
  builtIn: true,
  priority: 30,
  recordScope: 'team',
  permissions: ['user_read'],
};

describe('effectiveGrants', () => {
  it.each([
    ['nobody', { roles: [], direct: [], modules: [] }, []],
    ['a role: its permissions in its scope', { roles: [viewer], direct: [], modules: [] }, ['crm.read all']],
    [
      'an executive: direct grants reach as far as his role',
      { roles: [executive], direct: ['crm_leads_read'], modules: [] },
      ['crm_leads_read own', 'post_create own'],
    ],
    [
      'an executive who is a viewer too: direct grants keep the scope of the higher role',
      { roles: [viewer, executive], direct: ['crm_leads_update'], modules: [] },
      ['crm.read all', 'crm_leads_update own', 'post_create own'],
    ],
    [
      'a manager: everything in the modules assigned to him',
      { roles: [manager], direct: [], modules: ['crm', 'sales', 'gone'] },
      ['crm.* team', 'sales.* team', 'user_read team'],
    ],
    [
      'an executive: assigned modules give nothing by themselves',
      { roles: [executive], direct: [], modules: ['crm'] },
      ['post_create own'],
    ],
    [
      "a tenant's own role called manager: no modules",
      { roles: [{ ...manager, builtIn: false }], direct: [], modules: ['crm'] },
      ['user_read team'],
    ],
    [
      'somebody without a role: direct grants on his own',
      { roles: [], direct: ['crm.read'], modules: [] },
      ['crm.read own'],
    ],
  ])('%s', (_, holdings, expected) => {
    expect(
      effectiveGrants(holdings)
        .map(({ code, scope }) => `${code} ${scope}`)
        .sort(),
    ).toEqual(expected);
  });

  it('takes the widest of the roles that stand highest for a direct grant', () => {
    const peers = [
      manager,
      { ...manager, code: 'auditor', builtIn: false, recordScope: 'all' as const, permissions: [] },
    ];
    for (const roles of [peers, [...peers].reverse()])
      expect(effectiveGrants({ roles, direct: ['crm.read'], modules: [] })).toContainEqual({
        code: 'crm.read',
        scope: 'all',
      });
  });
});

describe('what is shown for a person', () => {
  it.each([
    [[], 'own', 0],
    [[executive], 'own', 15],
    [[executive, manager], 'team', 30],
    [[manager, viewer], 'all', 30],
  ])('%#', (roles, scope, priority) => {
    expect(widestScope(roles)).toBe(scope);
    expect(highestPriority(roles)).toBe(priority);
  });
});
