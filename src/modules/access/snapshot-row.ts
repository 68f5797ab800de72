import { ZERO_ID } from '../../common/ids.js';
import type { PersonStatus, RecordScope } from '../../platform/access/index.js';

/** A snapshot names so many of a person's living sessions: the one asked for, then the newest. Each costs it memory. */
const MAX_SESSIONS = 8;

/**
 * Everything that a snapshot says, seen by one statement at one moment. $1 user, $2 organization or null, $3 session or
 * null. A platform user's roles and sessions belong to no organization. Times leave as milliseconds since the epoch by
 * the database's clock, whose own reading goes with them: nodes may be minutes off.
 */
export const SNAPSHOT = {
  name: 'access-snapshot',
  text: `with
  person as (
    select u.status, u.organization_id is null as platform
    from core.users u where u.id = $1 and u.deleted_at is null
  ),
  membership as (
    select a.status from core.user_tenant_associations a where a.organization_id = $2 and a.user_id = $1
  ),
  tenant as (
    select o.id, o.tenant_code as code, o.status, o.enabled_modules, o.epoch, l.migration, l.status as location_status,
      coalesce(o.settings #> '{security,require_reason}' = 'true', false) as asks_reason,
      l.server, coalesce(l.database_name, current_database()) as database, l.schema_name as schema
    from core.organizations o left join core.locations l on l.id = o.location_id
    where o.id = $2 and o.deleted_at is null
  ),
  role as (
    select r.role_code as code, r.organization_id is null as built_in, r.priority, r.record_scope, (
      select string_agg(p.permission_code, ' ')
      from core.role_permissions rp join core.permissions p on p.id = rp.permission_id
      where rp.role_scope_id = r.scope_id and rp.role_id = r.id and ur.organization_id is not null
    ) as permissions
    from core.user_roles ur join core.roles r on r.scope_id = ur.role_scope_id and r.id = ur.role_id
    where ur.user_id = $1 and (ur.organization_id = $2 or ur.organization_id is null) and r.deleted_at is null
  ),
  direct as (
    select p.permission_code as code, extract(epoch from up.expires_at) * 1000 as ends
    from core.user_permissions up join core.permissions p on p.id = up.permission_id
    where up.organization_id = $2 and up.user_id = $1 and (up.expires_at is null or up.expires_at > now())
  ),
  subscription as (
    select s.status, extract(epoch from s.past_due_at) * 1000 as past_due_at, p.modules
    from core.subscriptions s join core.plans p on p.plan_code = s.plan_code
    where s.organization_id = $2 and s.deleted_at is null
  ),
  session as (
    select s.family, extract(epoch from max(s.expires_at)) * 1000 as ends
    from core.sessions s
    where s.user_id = $1 and (s.organization_id = $2 or s.organization_id is null)
      and s.replaced_by is null and s.revoked_at is null and s.expires_at > now()
    group by s.family order by s.family = $3 desc, max(s.created_at) desc limit ${String(MAX_SESSIONS)}
  )
select
  extract(epoch from now())::float8 * 1000 as now,
  person.status as user_status, person.platform,
  (select status from membership) as member_status,
  (select row_to_json(tenant) from tenant) as tenant,
  (select json_agg(role order by role.code) from role) as roles,
  (select json_agg(direct) from direct) as direct,
  (select json_agg(m.module) from core.user_modules m where m.organization_id = $2 and m.user_id = $1) as modules,
  (select row_to_json(subscription) from subscription) as subscription,
  (select modules from core.plans where plan_code = 'free') as free_modules,
  (select json_object_agg(t.module, extract(epoch from t.ends_at) * 1000)
    from core.module_trials t where t.organization_id = $2) as trials,
  (select json_agg(session) from session) as sessions,
  (select version::text from core.access_version where organization_id = $2) as organization_version,
  (select version::text from core.access_version where organization_id = '${ZERO_ID}') as everything_version
from person`,
};

/** What SNAPSHOT answers; nothing for a user that is not, or is deleted. An aggregate of no rows is null. */
export interface SnapshotRow {
  readonly now: number;
  readonly user_status: PersonStatus;
  readonly platform: boolean;
  readonly member_status: PersonStatus | null;
  readonly tenant: TenantRow | null;
  readonly roles: readonly RoleRow[] | null;
  readonly direct: readonly { readonly code: string; readonly ends: number | null }[] | null;
  readonly modules: readonly string[] | null;
  readonly subscription: SubscriptionRow | null;
  readonly free_modules: readonly string[] | null;
  readonly trials: Readonly<Record<string, number>> | null;
  readonly sessions: readonly { readonly family: string; readonly ends: number }[] | null;
  readonly organization_version: string | null;
  readonly everything_version: string | null;
}

export interface TenantRow {
  readonly id: string;
  readonly code: string;
  readonly status: 'active' | 'suspended' | 'inactive';
  readonly asks_reason: boolean;
  readonly enabled_modules: Readonly<Record<string, boolean>>;
  readonly epoch: number;
  /** null: it has no location yet */
  readonly location_status: string | null;
  /** The newest that the location has had. */
  readonly migration: string | null;
  readonly server: string | null;
  readonly database: string;
  readonly schema: string | null;
}

export interface RoleRow {
  readonly code: string;
  readonly built_in: boolean;
  readonly priority: number;
  readonly record_scope: RecordScope;
  /** Codes with a space between; null for a role without any, and for a platform user's, whom no set binds. */
  readonly permissions: string | null;
}

export interface SubscriptionRow {
  readonly status: 'trialing' | 'active' | 'past_due' | 'canceled';
  readonly past_due_at: number | null;
  readonly modules: readonly string[];
}

/** Everybody under $1 in the organization $2, however deep. `union` ends a cycle, which the tables refuse anyway. */
export const TEAM = {
  name: 'access-team',
  text: `with recursive team as (
  select a.user_id from core.user_tenant_associations a where a.organization_id = $2 and a.reports_to_id = $1
  union
  select a.user_id from core.user_tenant_associations a join team on a.reports_to_id = team.user_id
  where a.organization_id = $2
)
select user_id from team where user_id <> $1`,
};
