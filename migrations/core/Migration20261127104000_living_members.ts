import { Migration } from '@mikro-orm/migrations';

/** Whether somebody is a living member of the running tenant: asked also by those who see no users. */
export class Migration20261127104000_living_members extends Migration {
  override name = 'Migration20261127104000_living_members';

  override up(): void {
    this.addSql(`create function core.is_living_member(person uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return exists (select from core.users u join core.user_tenant_associations a on a.user_id = u.id
    where u.id = person and u.deleted_at is null
      and a.organization_id = nullif(current_setting('app.core_organization_id', true), '')::uuid);
end $$`);
    this.addSql(`revoke all on function core.is_living_member(uuid) from public`);
  }

  override down(): void {
    this.addSql(`drop function core.is_living_member(uuid)`);
  }
}
