import { BUILT_IN_ROLES, generatedPermissions } from '../../platform/access/index.js';
import type { Pools } from '../../platform/database/index.js';
import { type Row, row, type Section } from './section.js';

interface StoredRole {
  readonly code: string;
  readonly priority: number;
  readonly record_scope: string;
  readonly permissions: readonly string[] | null;
}
const ROLES = `select r.role_code as code, r.priority, r.record_scope, array_agg(p.permission_code) filter (where p.id is not null) as permissions
  from core.roles r left join core.role_permissions rp on rp.role_id = r.id left join core.permissions p on p.id = rp.permission_id
  where r.organization_id is null and r.deleted_at is null group by r.id`;

/** The permissions and built-in roles as stored, against what the code says of them. */
export async function roles(pools: Pools): Promise<Section> {
  const pool = pools.get('platform');
  const { rows: stored } = await pool.query<StoredRole>(ROLES);
  const { rows: known } = await pool.query<{ code: string }>(`select permission_code as code from core.permissions`);
  const codes = new Set(known.map(({ code }) => code));
  const missing = generatedPermissions().filter(({ code }) => !codes.has(code));
  const registry = row(
    ['(registry)', '', '', codes.size],
    missing.length > 0 && `${String(missing.length)} permissions are missing: run tenantry seed roles`,
  );
  return {
    title: 'Roles',
    headings: ['role', 'priority', 'records', 'permissions'],
    rows: [registry, ...BUILT_IN_ROLES.map((role) => roleRow(role, stored))],
  };
}

function roleRow(role: (typeof BUILT_IN_ROLES)[number], stored: readonly StoredRole[]): Row {
  const found = stored.find(({ code }) => code === role.code);
  if (found === undefined) return row([role.code, '', '', 0], 'is missing: run tenantry seed roles');
  const held = new Set(found.permissions ?? []);
  const lacking = role.permissions.filter((code) => !held.delete(code)).length;
  const extra = [...held].filter((code) => !code.startsWith('custom_')).length;
  return row(
    [role.code, found.priority, found.record_scope, found.permissions?.length ?? 0],
    (lacking > 0 || extra > 0) &&
      `its permissions differ from the built-in ones (${String(lacking)} missing, ${String(extra)} too many): run tenantry seed roles`,
    found.priority !== role.priority && `its priority should be ${String(role.priority)}`,
    found.record_scope !== role.recordScope && `its record scope should be ${role.recordScope}`,
  );
}
