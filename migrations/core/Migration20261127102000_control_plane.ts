import { Migration } from '@mikro-orm/migrations';

export class Migration20261127102000_control_plane extends Migration {
  override name = 'Migration20261127102000_control_plane';

  override up(): void {
    this.addSql(
      `create table "core"."menus" ("id" uuid not null, "organization_id" uuid not null, "parent_id" uuid null, "menu_code" varchar(50) not null, "menu_code_lower" varchar(50) generated always as (lower((menu_code)::text)) stored null, "menu_name" varchar(200) not null, "menu_url" varchar(255) null, "menu_icon" varchar(255) null, "menu_type" varchar(10) not null default 'item', "display_order" int not null default 0, "is_visible" boolean not null default true, "required_permission" varchar(100) null, "required_module" varchar(50) null, "metadata" jsonb not null default '{}', "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `create index "menus_display_order_idx" on "core"."menus" ("organization_id", "display_order", "id") where deleted_at is null;`,
    );
    this.addSql(
      `create index "menus_organization_id_parent_id_idx" on "core"."menus" ("organization_id", "parent_id");`,
    );
    this.addSql(
      `alter table "core"."menus" add constraint "menus_organization_id_id_key" unique ("organization_id", "id");`,
    );
    this.addSql(
      `create unique index "menus_organization_id_menu_code_key" on "core"."menus" ("organization_id", "menu_code_lower") where deleted_at is null;`,
    );

    this.addSql(
      `create table "core"."tombstones" ("id" uuid not null, "kind" varchar(10) not null, "organization_id" uuid null, "code" varchar(100) not null, "removed_at" timestamptz(3) not null default now(), "removed_by" uuid null, primary key ("id"));`,
    );
    this.addSql(`create index "tombstones_organization_id_idx" on "core"."tombstones" ("organization_id");`);

    this.addSql(
      `create table "core"."user_groups" ("id" uuid not null, "organization_id" uuid not null, "group_code" varchar(50) not null, "group_code_lower" varchar(50) generated always as (lower((group_code)::text)) stored null, "group_name" varchar(200) not null, "description" text null, "priority" int not null default 0, "group_type" varchar(10) not null default 'custom', "settings" jsonb not null default '{}', "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `create index "user_groups_created_at_idx" on "core"."user_groups" ("organization_id", "created_at", "id") where deleted_at is null;`,
    );
    this.addSql(
      `alter table "core"."user_groups" add constraint "user_groups_organization_id_id_key" unique ("organization_id", "id");`,
    );
    this.addSql(
      `create unique index "user_groups_organization_id_group_code_key" on "core"."user_groups" ("organization_id", "group_code_lower") where deleted_at is null;`,
    );

    this.addSql(
      `create table "core"."menu_groups" ("id" uuid not null, "organization_id" uuid not null, "menu_id" uuid not null, "group_id" uuid not null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `create index "menu_groups_organization_id_group_id_idx" on "core"."menu_groups" ("organization_id", "group_id");`,
    );
    this.addSql(
      `alter table "core"."menu_groups" add constraint "menu_groups_organization_id_menu_id_group_id_key" unique ("organization_id", "menu_id", "group_id");`,
    );

    this.addSql(
      `create table "core"."user_group_members" ("id" uuid not null, "organization_id" uuid not null, "group_id" uuid not null, "user_id" uuid not null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `create index "user_group_members_organization_id_user_id_idx" on "core"."user_group_members" ("organization_id", "user_id");`,
    );
    this.addSql(
      `alter table "core"."user_group_members" add constraint "user_group_members_organization_id_group_id_user_id_key" unique ("organization_id", "group_id", "user_id");`,
    );

    this.addSql(`drop policy "own_rows" on "core"."user_tenant_associations";`);

    this.addSql(
      `create policy "definer_rows" on "core"."sessions" to "tenantry_owner" using (true) with check (true);`,
    );

    this.addSql(`alter table "core"."user_tenant_associations" add "is_guest" boolean not null default false;`);
    this.addSql(
      `create index "user_tenant_associations_created_at_idx" on "core"."user_tenant_associations" ("organization_id", "created_at", "user_id");`,
    );
    this.addSql(
      `create policy "own_rows_select" on "core"."user_tenant_associations" for select to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "own_rows_insert" on "core"."user_tenant_associations" for insert to "tenantry_app" with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif") and not is_guest);`,
    );
    this.addSql(
      `create policy "own_rows_update" on "core"."user_tenant_associations" for update to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "own_rows_delete" on "core"."user_tenant_associations" for delete to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );

    this.addSql(
      `alter table "core"."menus" add constraint "menus_organization_id_parent_id_foreign" foreign key ("organization_id", "parent_id") references "core"."menus" ("organization_id", "id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."menus" add constraint "menus_menu_type_check" check (menu_type in ('item', 'group', 'link', 'divider'));`,
    );
    this.addSql(`alter table "core"."menus" enable row level security;`);
    this.addSql(`alter table "core"."menus" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."menus" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."menus" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."tombstones" add constraint "tombstones_kind_check" check (kind in ('tenant', 'user'));`,
    );
    this.addSql(`alter table "core"."tombstones" enable row level security;`);
    this.addSql(`alter table "core"."tombstones" force row level security;`);
    this.addSql(
      `create policy "platform_rows" on "core"."tombstones" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."user_groups" add constraint "user_groups_group_type_check" check (group_type in ('system', 'custom'));`,
    );
    this.addSql(`alter table "core"."user_groups" enable row level security;`);
    this.addSql(`alter table "core"."user_groups" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."user_groups" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."user_groups" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."menu_groups" add constraint "menu_groups_organization_id_menu_id_foreign" foreign key ("organization_id", "menu_id") references "core"."menus" ("organization_id", "id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."menu_groups" add constraint "menu_groups_organization_id_group_id_foreign" foreign key ("organization_id", "group_id") references "core"."user_groups" ("organization_id", "id") on update no action on delete no action;`,
    );
    this.addSql(`alter table "core"."menu_groups" enable row level security;`);
    this.addSql(`alter table "core"."menu_groups" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."menu_groups" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."menu_groups" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."user_group_members" add constraint "user_group_members_organization_id_group_id_foreign" foreign key ("organization_id", "group_id") references "core"."user_groups" ("organization_id", "id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."user_group_members" add constraint "user_group_members_organization_id_user_id_foreign" foreign key ("organization_id", "user_id") references "core"."user_tenant_associations" ("organization_id", "user_id") on update no action on delete no action;`,
    );
    this.addSql(`alter table "core"."user_group_members" enable row level security;`);
    this.addSql(`alter table "core"."user_group_members" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."user_group_members" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."user_group_members" to "tenantry_platform" using (true) with check (true);`,
    );
  }

  override down(): void {
    this.addSql(`alter table "core"."menus" drop constraint "menus_organization_id_parent_id_foreign";`);
    this.addSql(`alter table "core"."menu_groups" drop constraint "menu_groups_organization_id_menu_id_foreign";`);
    this.addSql(`alter table "core"."menu_groups" drop constraint "menu_groups_organization_id_group_id_foreign";`);
    this.addSql(
      `alter table "core"."user_group_members" drop constraint "user_group_members_organization_id_group_id_foreign";`,
    );

    this.addSql(`drop table if exists "core"."menus" cascade;`);
    this.addSql(`drop table if exists "core"."tombstones" cascade;`);
    this.addSql(`drop table if exists "core"."user_groups" cascade;`);
    this.addSql(`drop table if exists "core"."menu_groups" cascade;`);
    this.addSql(`drop table if exists "core"."user_group_members" cascade;`);

    this.addSql(`drop policy "definer_rows" on "core"."sessions";`);

    this.addSql(`drop policy "own_rows_select" on "core"."user_tenant_associations";`);
    this.addSql(`drop policy "own_rows_insert" on "core"."user_tenant_associations";`);
    this.addSql(`drop policy "own_rows_update" on "core"."user_tenant_associations";`);
    this.addSql(`drop policy "own_rows_delete" on "core"."user_tenant_associations";`);

    this.addSql(`drop index "core"."user_tenant_associations_created_at_idx";`);
    this.addSql(`alter table "core"."user_tenant_associations" drop column "is_guest";`);
    this.addSql(
      `create policy "own_rows" on "core"."user_tenant_associations" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
  }
}
