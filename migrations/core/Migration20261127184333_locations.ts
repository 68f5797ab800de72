import { Migration } from '@mikro-orm/migrations';

const header = `create or replace function core.access_changed() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
  zero constant uuid := '00000000-0000-0000-0000-000000000000';
  changed jsonb[];
begin
  changed := case tg_op when 'DELETE' then array[to_jsonb(old)] when 'INSERT' then array[to_jsonb(new)] else array[to_jsonb(old), to_jsonb(new)] end;
  -- in one order, so that two changes at once never wait for one another in a circle
  case tg_argv[0]
    when 'organization' then
      perform core.raise_access_version(o.id) from (select distinct (c->>'id')::uuid as id from unnest(changed) c order by 1) o;
    when 'scoped' then
      perform core.raise_access_version(o.id) from (
        select distinct coalesce((c->>'organization_id')::uuid, zero) as id from unnest(changed) c order by 1) o;
    when 'user' then
      perform core.raise_access_version(o.id) from (
        select coalesce((c->>'organization_id')::uuid, zero) as id from unnest(changed) c
        union select a.organization_id from unnest(changed) c join core.user_tenant_associations a on a.user_id = (c->>'id')::uuid
        order by 1) o;`;
const footer = `
    else perform core.raise_access_version(zero);
  end case;
  return null;
end $$`;

/**
 * The steps of making a location; and a change of a location is news for those who are there: a fleet of a thousand is
 * migrated without a word to the others.
 */
export class Migration20261127184333_locations extends Migration {
  override name = 'Migration20261127184333_locations';

  override up(): void {
    this.addSql(
      `create table "core"."location_steps" ("id" uuid not null, "location_id" uuid not null, "step" varchar(20) not null, "attempts" int not null default 0, "finished_at" timestamptz(3) null, "last_error" text null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"))`,
    );
    this.addSql(
      `alter table "core"."location_steps" add constraint "location_steps_key" unique ("location_id", "step")`,
    );
    this.addSql(
      `alter table "core"."location_steps" add constraint "location_steps_location_id_foreign" foreign key ("location_id") references "core"."locations" ("id") on update no action on delete no action`,
    );
    this.addSql(`alter table "core"."location_steps" enable row level security`);
    this.addSql(`alter table "core"."location_steps" force row level security`);
    this.addSql(
      `create policy "platform_rows" on "core"."location_steps" to "tenantry_platform" using (true) with check (true)`,
    );
    this.addSql(`create policy "definer_reads" on "core"."organizations" for select to "tenantry_owner" using (true)`);
    this.addSql(`create index "organizations_location_idx" on "core"."organizations" ("location_id")`);
    this.addSql(`${header}
    when 'location' then
      -- the shared one is everybody's
      if exists (select from unnest(changed) c where c->>'isolation' = 'shared') then perform core.raise_access_version(zero);
      else perform core.raise_access_version(o.id) from (
        select distinct o.id from unnest(changed) c join core.organizations o on o.location_id = (c->>'id')::uuid order by 1) o;
      end if;${footer}`);
    this.watch('location', 'update of server, database_name, schema_name, status, migration or delete');
  }

  override down(): void {
    this.addSql(`${header}${footer}`);
    this.watch('everything', 'update of server, database_name, schema_name, status or delete');
    this.addSql(`drop index "core"."organizations_location_idx"`);
    this.addSql(`drop policy "definer_reads" on "core"."organizations"`);
    this.addSql(`drop table "core"."location_steps"`);
  }

  private watch(kind: 'location' | 'everything', events: string): void {
    this.addSql(`drop trigger access_changed on core.locations`);
    this.addSql(
      `create trigger access_changed after ${events} on core.locations for each row execute function core.access_changed('${kind}')`,
    );
  }
}
