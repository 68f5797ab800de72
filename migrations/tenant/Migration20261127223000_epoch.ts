import { Migration } from '@mikro-orm/migrations';

const enter = (name: string, before: string): string =>
  `create or replace function tenancy.${name}(organization uuid, expected_epoch integer, actor uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare fence_state text; fence_epoch integer;
begin${before}
  select f.state, f.epoch into fence_state, fence_epoch from tenancy.fence f where f.organization_id = organization;
  if fence_state is distinct from 'active' or fence_epoch is distinct from expected_epoch then
    raise exception 'stale placement' using errcode = 'TM001';
  end if;
  perform set_config('app.organization_id', organization::text, true), set_config('app.user_id', coalesce(actor::text, ''), true);
end $$`;
const LOCK = `
  if not pg_try_advisory_xact_lock_shared(hashtextextended('tenant:' || organization, 0)) then
    raise exception 'tenant is being moved' using errcode = 'TM002';
  end if;`;

/** The fence let an epoch pass that is null: it is none. */
export class Migration20261127223000_epoch extends Migration {
  override name = 'Migration20261127223000_epoch';

  override up(): void {
    this.addSql(enter('enter', LOCK));
    this.addSql(enter('enter_read', ''));
  }

  override down(): void {
    // the functions stay: other locations of this database lean on them
  }
}
