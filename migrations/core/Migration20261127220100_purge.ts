import { Migration } from '@mikro-orm/migrations';

const OWN = `organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid)`;

/** A function of the owner's that nobody may call until the grants say who. */
const definer = (head: string, body: string): string =>
  `create function core.${head} language plpgsql volatile security definer set search_path = pg_catalog as $$ ${body} $$`;

/**
 * The purge of tenants: that one is under way, which nobody who brings a tenant back gets past, and the owner's right to
 * remove what belongs to nobody else. Of the audit log that is only what a tombstone stands for.
 */
export class Migration20261127220100_purge extends Migration {
  override name = 'Migration20261127220100_purge';

  override up(): void {
    this.addSql(`alter table "core"."organizations" add "purge" jsonb null`);
    this.addSql(
      `alter table "core"."organizations" add constraint "organizations_purge_check" check (purge is null or deleted_at is not null)`,
    );
    // without them every user who goes has these tables read as a whole
    this.addSql(`create index "sessions_user_id_idx" on "core"."sessions" ("user_id")`);
    this.addSql(`create index "user_roles_user_id_idx" on "core"."user_roles" ("user_id")`);
    this.addSql(`create policy "definer_reads" on "core"."tombstones" for select to "tenantry_owner" using (true)`);
    this.addSql(`create policy definer_reads on core.audit_log for select to tenantry_owner using (${OWN})`);
    this.addSql(`create policy definer_removes on core.audit_log for delete to tenantry_owner
      using (${OWN} and exists (select from core.tombstones t where t.kind = 'tenant' and t.id = audit_log.organization_id))`);
    this.addSql(
      definer(
        `assert_purged(organization uuid) returns void`,
        `
begin
  if not exists (select from core.tombstones t where t.kind = 'tenant' and t.id = organization)
    or exists (select from core.organizations o where o.id = organization and o.purge is null) then
    raise exception 'the tenant is not being purged' using errcode = 'TM005';
  end if;
end`,
      ),
    );
    this.addSql(
      definer(
        `remove_purged_audit(organization uuid, most integer) returns integer`,
        `
declare removed integer;
begin
  perform core.assert_purged(organization), set_config('app.core_organization_id', organization::text, true);
  delete from core.audit_log a where a.organization_id = organization and (a.at, a.id) in
    (select b.at, b.id from core.audit_log b where b.organization_id = organization limit most);
  get diagnostics removed = row_count;
  return removed;
end`,
      ),
    );
    // the last of it: the triggers of all other tables raise this number
    this.addSql(
      definer(
        `forget_purged(organization uuid) returns void`,
        `
begin
  perform core.assert_purged(organization);
  delete from core.access_version v where v.organization_id = organization;
end`,
      ),
    );
    this.addSql(
      `revoke all on function core.assert_purged(uuid), core.remove_purged_audit(uuid, integer), core.forget_purged(uuid) from public`,
    );
  }

  override down(): void {
    this.addSql(`drop function core.forget_purged(uuid)`);
    this.addSql(`drop function core.remove_purged_audit(uuid, integer)`);
    this.addSql(`drop function core.assert_purged(uuid)`);
    this.addSql(`drop policy definer_removes on core.audit_log`);
    this.addSql(`drop policy definer_reads on core.audit_log`);
    this.addSql(`drop policy "definer_reads" on "core"."tombstones"`);
    this.addSql(`drop index "core"."user_roles_user_id_idx"`);
    this.addSql(`drop index "core"."sessions_user_id_idx"`);
    this.addSql(`alter table "core"."organizations" drop constraint "organizations_purge_check"`);
    this.addSql(`alter table "core"."organizations" drop column "purge"`);
  }
}
