import { Migration } from '@mikro-orm/migrations';

const header = `create or replace function core.access_changed() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog as $$`;

/** Both the organization that a row leaves and the one that it comes to hear of it; a session may also end by its time. */
export class Migration20261120230000_moved_rows extends Migration {
  override name = 'Migration20261120230000_moved_rows';

  override up(): void {
    this.addSql(`${header}
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
        order by 1) o;
    else perform core.raise_access_version(zero);
  end case;
  return null;
end $$`);
    this.watchSessions('update of revoked_at, expires_at or delete');
  }

  override down(): void {
    this.addSql(`${header}
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
    this.watchSessions('update of revoked_at or delete');
  }

  private watchSessions(events: string): void {
    this.addSql(`drop trigger access_changed on core.sessions`);
    this.addSql(
      `create trigger access_changed after ${events} on core.sessions for each row execute function core.access_changed('scoped')`,
    );
  }
}
