import { Migration } from '@mikro-orm/migrations';
import { LEDGER_TABLES, ledgers } from '../ledgers.js';

/** What the tables' policies lean on, and the tables that only SQL touches. */
export class Migration20261120090000_ground extends Migration {
  override name = 'Migration20261120090000_ground';

  override up(): void {
    this.addSql(`create schema if not exists core`);
    // the core unit: settings of its own, so that it opens nothing of the tenant plane
    this.addSql(`create function core.enter(organization uuid, actor uuid, sees_users text) returns void
language plpgsql volatile set search_path = pg_catalog as $$
begin
  perform set_config('app.core_organization_id', organization::text, true),
    set_config('app.user_id', coalesce(actor::text, ''), true), set_config('app.sees_users', coalesce(sees_users, 'self'), true);
end $$`);
    // a policy cannot read the table of members as its caller: that table has a policy too
    this.addSql(`create function core.is_guest(person uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return exists (select from core.user_tenant_associations a
    where a.organization_id = nullif(current_setting('app.core_organization_id', true), '')::uuid
      and a.user_id = person and a.status = 'active');
end $$`);
    // names of members for answers, whatever the caller may see of users; never more columns
    this
      .addSql(`create function core.member_names(people uuid[]) returns table (id uuid, full_name varchar, avatar_url varchar)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query select u.id, u.full_name, u.avatar_url from core.users u
    join core.user_tenant_associations a on a.user_id = u.id
    where u.id = any (people) and a.organization_id = nullif(current_setting('app.core_organization_id', true), '')::uuid;
end $$`);
    this.addSql(`create table core.access_version (organization_id uuid primary key, version integer not null)`);
    this.addSql(`alter table core.access_version enable row level security`);
    this.addSql(`alter table core.access_version force row level security`);
    this.addSql(`create policy platform_reads on core.access_version for select to tenantry_platform using (true)`);
    this.addSql(`create policy definer_writes on core.access_version to tenantry_owner using (true) with check (true)`);
    for (const sql of ledgers('core.', 'app.core_organization_id', true)) this.addSql(sql);
  }

  override down(): void {
    for (const table of [...LEDGER_TABLES, 'access_version']) this.addSql(`drop table core.${table}`);
    this.addSql(`drop function core.member_names(uuid[])`);
    this.addSql(`drop function core.is_guest(uuid)`);
    this.addSql(`drop function core.enter(uuid, uuid, text)`);
  }
}
