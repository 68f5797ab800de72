import { Migration } from '@mikro-orm/migrations';

export class Migration20261127164601_group_names extends Migration {
  override name = 'Migration20261127164601_group_names';

  override up(): void {
    this.addSql(`drop policy "own_rows" on "core"."user_groups";`);
    this.addSql(`drop policy "platform_rows" on "core"."user_groups";`);

    this.addSql(`alter table "core"."user_groups" alter column "group_name" type varchar(100) using ("group_name"::varchar(100));`);
    this.addSql(`create policy "own_rows" on "core"."user_groups" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`);
    this.addSql(`create policy "platform_rows" on "core"."user_groups" to "tenantry_platform" using (true) with check (true);`);
  }

  override down(): void {
    this.addSql(`drop policy "own_rows" on "core"."user_groups";`);
    this.addSql(`drop policy "platform_rows" on "core"."user_groups";`);

    this.addSql(`alter table "core"."user_groups" alter column "group_name" type varchar(200) using ("group_name"::varchar(200));`);
    this.addSql(`create policy "own_rows" on "core"."user_groups" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`);
    this.addSql(`create policy "platform_rows" on "core"."user_groups" to "tenantry_platform" using (true) with check (true);`);
  }
}
