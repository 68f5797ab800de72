import { ZERO_ID } from '../../common/ids.js';
import type { ReadAs, TenantTable } from '../../platform/tenancy/index.js';

/** What core has of a tenant, as an archive has it: permissions and built-in roles by their codes. */
export interface CoreTable {
  /** The column that names the tenant. */
  readonly own: 'organization_id' | 'id';
  /** Columns that are the installation's affair. */
  readonly without?: readonly string[];
  /** By column: SQL on the row `t`. */
  readonly readAs?: ReadAs;
  /** By column: SQL on the row `r` of the archive, all of whose values are text. */
  readonly writeAs?: ReadAs;
  /** SQL on `r`: whether it is restored. */
  readonly when?: string;
  /** Rows refer to one another, and are written by one statement. */
  readonly atOnce?: boolean;
}

const PERMISSION = {
  readAs: { permission_id: '(select p.permission_code from core.permissions p where p.id = t.permission_id)' },
  writeAs: { permission_id: '(select p.id from core.permissions p where p.permission_code = r.permission_id)' },
};
const OF_TENANT: CoreTable = { own: 'organization_id' };
const isPerson = (column: string) => `exists (select from core.users u where u.id = r.${column}::uuid)`;
/** A guest whose user is no longer there, or somebody who was purged, is no member. */
const OF_MEMBER: CoreTable = {
  own: 'organization_id',
  when: 'exists (select from core.user_tenant_associations a where a.organization_id = $1 and a.user_id = r.user_id::uuid)',
};

export const CORE_TABLES: Readonly<Record<string, CoreTable>> = {
  organizations: { own: 'id', without: ['location_id', 'epoch', 'purge'] },
  subscriptions: OF_TENANT,
  module_trials: OF_TENANT,
  users: OF_TENANT,
  user_tenant_associations: {
    own: 'organization_id',
    writeAs: { reports_to_id: `case when ${isPerson('reports_to_id')} then r.reports_to_id::uuid end` },
    when: isPerson('user_id'),
    atOnce: true,
  },
  roles: OF_TENANT,
  role_permissions: { own: 'organization_id', ...PERMISSION },
  user_roles: {
    ...OF_MEMBER,
    readAs: {
      role_id: `coalesce((select b.role_code from core.roles b where b.id = t.role_id and b.organization_id is null), t.role_id::text)`,
    },
    writeAs: {
      role_id: `coalesce((select b.id from core.roles b where b.role_code = r.role_id and b.organization_id is null and b.deleted_at is null), r.role_id::uuid)`,
    },
  },
  user_permissions: { ...OF_MEMBER, ...PERMISSION },
  user_modules: OF_MEMBER,
  user_groups: OF_TENANT,
  user_group_members: OF_MEMBER,
  menus: { own: 'organization_id', atOnce: true },
  menu_groups: OF_TENANT,
  audit_log: OF_TENANT,
};

/**
 * What an archive never has: ways to sign in that are of the moment, mail that is on its way, work that is still to be
 * done, and what is the installation's own affair.
 */
const LEFT_OUT: Readonly<Record<'core' | 'tenant', readonly string[]>> = {
  core: [
    'sessions',
    'one_time_tokens',
    'idempotency_keys',
    'outbox',
    'access_version',
    'moves',
    'exports',
    'tombstones',
  ],
  tenant: ['idempotency_keys', 'outbox'],
};

/** Of core's tables those that an archive has, with the columns that it has. @throws Error for one that nobody has judged */
export function archivedCore(tables: readonly TenantTable[]): TenantTable[] {
  return tables
    .filter(({ name }) => !LEFT_OUT.core.includes(name))
    .map((table) => {
      const known = CORE_TABLES[table.name];
      if (known === undefined) throw new Error(`whether an archive has core.${table.name} is not said`);
      const { without = [] } = known;
      return { ...table, columns: table.columns.filter(({ name }) => !without.includes(name)) };
    });
}

export const archivedAtPlace = (tables: readonly TenantTable[]): TenantTable[] =>
  tables.filter(({ name }) => !LEFT_OUT.tenant.includes(name));

/** Whether a role in `user_roles` is built in. */
export const isBuiltIn = (scopeId: string | null): boolean => scopeId === ZERO_ID;
