import { describe, expect, it } from '@jest/globals';
import type { HeldRole } from '../../../platform/access/index.js';
import { effectivePermissions, type HeldRights } from './effective-permissions.js';

const role = (code: string, over: Partial<HeldRole> = {}): HeldRole => ({
  code,
  builtIn: true,
  priority: 10,
  recordScope: 'own',
  permissions: [],
  ...over,
});
const none: HeldRights = { roles: [], direct: [], modules: [] };
const ofCode = (rights: HeldRights, code: string) =>
  effectivePermissions(rights).find(({ permission_code: each }) => each === code);

describe('effectivePermissions', () => {
  it('is nothing for somebody who has nothing', () => {
    expect(effectivePermissions(none)).toEqual([]);
  });

  it('tells each role that gives a permission, and the widest record scope', () => {
    const roles = [
      role('viewer', { recordScope: 'all', permissions: ['crm_leads_read'] }),
      role('clerk', { permissions: ['crm_leads_read', 'crm_leads_update'] }),
    ];
    expect(effectivePermissions({ ...none, roles })).toEqual([
      {
        permission_code: 'crm_leads_read',
        record_scope: 'all',
        sources: [
          { kind: 'role', role_code: 'viewer', permission_code: 'crm_leads_read' },
          { kind: 'role', role_code: 'clerk', permission_code: 'crm_leads_read' },
        ],
      },
      {
        permission_code: 'crm_leads_update',
        record_scope: 'own',
        sources: [{ kind: 'role', role_code: 'clerk', permission_code: 'crm_leads_update' }],
      },
    ]);
  });

  it('tells what is implied by what implies it, and what is given besides by itself', () => {
    const roles = [role('boss', { permissions: ['user_manage', 'user_read'] })];
    expect(ofCode({ ...none, roles }, 'user_delete')?.sources).toEqual([
      { kind: 'role', role_code: 'boss', permission_code: 'user_manage' },
    ]);
    expect(ofCode({ ...none, roles }, 'user_read')?.sources).toEqual([
      { kind: 'role', role_code: 'boss', permission_code: 'user_read' },
    ]);
  });

  it('tells a manager of his modules, and nobody else', () => {
    const manager = role('manager', { recordScope: 'team' });
    expect(ofCode({ ...none, roles: [manager], modules: ['CRM'] }, 'crm_leads_delete')).toEqual({
      permission_code: 'crm_leads_delete',
      record_scope: 'team',
      sources: [{ kind: 'module', module: 'CRM', permission_code: 'crm.*' }],
    });
    expect(effectivePermissions({ ...none, roles: [role('executive')], modules: ['crm'] })).toEqual([]);
  });

  it('tells when a grant ends, and knows no code that is none or the platform’s', () => {
    const direct = [
      { code: 'crm_leads_read', expires_at: '2030-01-01T00:00:00.000Z' },
      { code: 'crm_leeds_read', expires_at: null },
      { code: 'tenant_create', expires_at: null },
    ];
    expect(effectivePermissions({ ...none, direct })).toEqual([
      {
        permission_code: 'crm_leads_read',
        record_scope: 'own',
        sources: [{ kind: 'grant', permission_code: 'crm_leads_read', expires_at: '2030-01-01T00:00:00.000Z' }],
      },
    ]);
  });
});
