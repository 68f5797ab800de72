import { Migration } from '@mikro-orm/migrations';
import { LEDGER_TABLES, ledgers } from '../ledgers.js';

const FENCED = `
  select f.state, f.epoch into fence_state, fence_epoch from tenancy.fence f where f.organization_id = organization;
  if fence_state is distinct from 'active' or fence_epoch <> expected_epoch then
    raise exception 'stale placement' using errcode = 'TM001';
  end if;
  perform set_config('app.organization_id', organization::text, true), set_config('app.user_id', coalesce(actor::text, ''), true);`;

/**
 * The schema `tenancy` stands once in a database, whatever the number of locations in it: hence "if not exists".
 * There is no way to a tenant's rows that does not pass its fence.
 */
export class Migration20261120090000_ground extends Migration {
  override name = 'Migration20261120090000_ground';
  /** Of the text that made the fence anew at each location of a database; it left the same behind. */
  readonly formerChecksums = ['0e64698b9b649377cdabb82548fe91dab9354c23a6c961a147a19f52542aff1d'];

  override up(): void {
    this.addSql(`create schema if not exists tenancy`);
    // every transaction of every tenant reads the fence: a further location must not lock it
    this.addSql(`do $$ begin
  if to_regclass('tenancy.fence') is not null then return; end if;
  create table tenancy.fence (organization_id uuid primary key, epoch integer not null,
    state varchar(10) not null check (state in ('active', 'incoming', 'moved')));
  alter table tenancy.fence enable row level security;
  alter table tenancy.fence force row level security;
  create policy platform_rows on tenancy.fence to tenantry_platform using (true) with check (true);
  create policy definer_reads on tenancy.fence for select to tenantry_owner using (true);
end $$`);

    // the fence is read after the lock, by a statement of its own in a volatile function: so it sees what a mover
    // committed meanwhile. The lock is tried, not waited for: it fails at once while a mover holds or awaits it.
    this
      .addSql(`create or replace function tenancy.enter(organization uuid, expected_epoch integer, actor uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare fence_state text; fence_epoch integer;
begin
  if not pg_try_advisory_xact_lock_shared(hashtextextended('tenant:' || organization, 0)) then
    raise exception 'tenant is being moved' using errcode = 'TM002';
  end if;${FENCED}
end $$`);
    // reading needs no lock: the source is marked moved before the target opens
    this
      .addSql(`create or replace function tenancy.enter_read(organization uuid, expected_epoch integer, actor uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare fence_state text; fence_epoch integer;
begin${FENCED}
end $$`);
    // which tenants of a location have events waiting: their rows are then read from inside, through the fence
    this.addSql(`create or replace function tenancy.outbox_backlog(location name) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query execute format('select distinct organization_id from %I.outbox where published_at is null', location);
end $$`);
    this.addSql(`revoke all on all functions in schema tenancy from public`);

    for (const sql of ledgers('', 'app.organization_id', false)) this.addSql(sql);
    this
      .addSql(`create table counters (organization_id uuid not null, name varchar(100) not null, value integer not null default 0,
      primary key (organization_id, name))`);
    this.addSql(`alter table counters enable row level security`);
    this.addSql(`alter table counters force row level security`);
    this.addSql(`create policy own_rows on counters to tenantry_app
      using (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid))
      with check (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid))`);
  }

  override down(): void {
    // the schema tenancy stays: other locations of this database lean on it
    for (const table of [...LEDGER_TABLES, 'counters']) this.addSql(`drop table ${table}`);
  }
}
