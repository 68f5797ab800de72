import { Migration } from '@mikro-orm/migrations';

/** Whose snapshots a change of a table makes stale: [table, kind, events]. */
const WATCHED: [table: string, kind: 'organization' | 'user' | 'scoped' | 'everything', events: string][] = [
  [
    'organizations',
    'organization',
    'update of status, enabled_modules, epoch, location_id, deleted_at, license_tier, tenant_code, settings or delete',
  ],
  ['locations', 'everything', 'update of server, database_name, schema_name, status or delete'],
  ['users', 'user', 'update of status, deleted_at, organization_id or delete'],
  ['user_tenant_associations', 'scoped', 'insert or update or delete'],
  ['roles', 'scoped', 'update of role_code, priority, record_scope, requires_mfa, deleted_at or delete'],
  ['role_permissions', 'scoped', 'insert or update or delete'],
  ['permissions', 'everything', 'update of permission_code or delete'],
  ['user_roles', 'scoped', 'insert or update or delete'],
  ['user_permissions', 'scoped', 'insert or update or delete'],
  ['user_modules', 'scoped', 'insert or update or delete'],
  ['plans', 'everything', 'update of modules, features or delete'],
  ['subscriptions', 'scoped', 'insert or update or delete'],
  ['module_trials', 'scoped', 'insert or update or delete'],
  // rotation inserts and replaces without a word: only the end of a session is news
  ['sessions', 'scoped', 'update of revoked_at or delete'],
];

export class Migration20261120090200_triggers extends Migration {
  override name = 'Migration20261120090200_triggers';

  override up(): void {
    this.addSql(`create function core.raise_access_version(organization uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
  insert into core.access_version as v values (organization, 1) on conflict (organization_id) do update set version = v.version + 1;
  perform pg_notify('access_changed', organization::text);
end $$`);
    // the zero uuid stands for what every snapshot leans on: platform users, built-in roles, plans
    this.addSql(`create function core.access_changed() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
  zero constant uuid := '00000000-0000-0000-0000-000000000000';
  changed jsonb;
begin
  if tg_op = 'DELETE' then changed := to_jsonb(old); else changed := to_jsonb(new); end if;
  case tg_argv[0]
    when 'organization' then perform core.raise_access_version((changed->>'id')::uuid);
    when 'scoped' then perform core.raise_access_version(coalesce((changed->>'organization_id')::uuid, zero));
    when 'user' then
      perform core.raise_access_version(o.id) from (
        select coalesce((changed->>'organization_id')::uuid, zero) as id
        union select a.organization_id from core.user_tenant_associations a where a.user_id = (changed->>'id')::uuid
        order by 1) o;
    else perform core.raise_access_version(zero);
  end case;
  return null;
end $$`);
    this.addSql(`revoke all on function core.raise_access_version(uuid), core.access_changed() from public`);
    for (const [table, kind, events] of WATCHED) {
      this.addSql(
        `create trigger access_changed after ${events} on core.${table} for each row execute function core.access_changed('${kind}')`,
      );
    }

    // a policy has no columns: nobody changes his own status, and nobody anybody's organization
    this.addSql(`create function core.guard_user() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  if new.organization_id is distinct from old.organization_id then
    raise exception 'the organization of a user never changes' using errcode = '42501';
  end if;
  if current_setting('app.user_id', true) = old.id::text and new.status is distinct from old.status then
    raise exception 'nobody changes his own status' using errcode = '42501';
  end if;
  return new;
end $$`);
    this.addSql(
      `create trigger guard_user before update on core.users for each row execute function core.guard_user()`,
    );

    this.addSql(`create function core.guard_user_role() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare is_super boolean; is_platform boolean;
begin
  select r.organization_id is null and r.role_code = 'super_admin' into is_super from core.roles r where r.id = new.role_id;
  select u.organization_id is null into is_platform from core.users u where u.id = new.user_id;
  if (new.organization_id is null) <> is_super or is_super and not is_platform then
    raise exception 'super_admin is for platform users alone, and they hold no other role'
      using errcode = '23514', constraint = 'user_roles_platform_check', schema = 'core', table = 'user_roles';
  end if;
  return new;
end $$`);
    this.addSql(
      `create trigger guard_user_role before insert or update on core.user_roles for each row execute function core.guard_user_role()`,
    );

    // one at a time in an organization: two halves of a cycle written at once would not see one another
    this.addSql(`create function core.guard_superior() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('superiors:' || new.organization_id, 0));
  if exists (
    with recursive above as (
      select new.reports_to_id as id
      union select a.reports_to_id from core.user_tenant_associations a join above on a.user_id = above.id
      where a.organization_id = new.organization_id and a.reports_to_id is not null)
    select from above where above.id = new.user_id) then
    raise exception 'a superior would report to himself'
      using errcode = '23514', constraint = 'user_tenant_associations_no_cycle_check', schema = 'core', table = 'user_tenant_associations';
  end if;
  return new;
end $$`);
    this.addSql(`create trigger guard_superior before insert or update of reports_to_id on core.user_tenant_associations
for each row when (new.reports_to_id is not null) execute function core.guard_superior()`);
  }

  override down(): void {
    this.addSql(`drop trigger guard_superior on core.user_tenant_associations`);
    this.addSql(`drop trigger guard_user_role on core.user_roles`);
    this.addSql(`drop trigger guard_user on core.users`);
    for (const [table] of WATCHED) this.addSql(`drop trigger access_changed on core.${table}`);
    for (const name of ['guard_superior', 'guard_user_role', 'guard_user', 'access_changed'])
      this.addSql(`drop function core.${name}()`);
    this.addSql(`drop function core.raise_access_version(uuid)`);
  }
}
