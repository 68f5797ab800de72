import { Migration } from '@mikro-orm/migrations';

export class Migration20261120090100_tables extends Migration {
  override name = 'Migration20261120090100_tables';

  override up(): void {
    this.addSql(`create schema if not exists "core";`);
    this.addSql(
      `create table "core"."locations" ("id" uuid not null, "isolation" varchar(10) not null, "server" varchar(63) not null default 'main', "database_name" varchar(63) null, "schema_name" varchar(63) not null, "migration" varchar(255) null, "status" varchar(15) not null default 'provisioning', "last_error" text null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `create unique index "locations_main_key" on "core"."locations" ("server", "schema_name") where database_name is null;`,
    );
    this.addSql(
      `create unique index "locations_key" on "core"."locations" ("server", "database_name", "schema_name") where database_name is not null;`,
    );

    this.addSql(
      `create table "core"."one_time_tokens" ("id" uuid not null, "purpose" varchar(10) not null, "organization_id" uuid null, "user_id" uuid null, "email" varchar(255) not null, "role_codes" jsonb not null default '[]', "invited_by" uuid null, "token_hash" varchar(64) not null, "expires_at" timestamptz(3) not null, "used_at" timestamptz(3) null, "revoked_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `create index "one_time_tokens_organization_id_user_id_idx" on "core"."one_time_tokens" ("organization_id", "user_id");`,
    );
    this.addSql(
      `alter table "core"."one_time_tokens" add constraint "one_time_tokens_token_hash_key" unique ("token_hash");`,
    );

    this.addSql(
      `create table "core"."organizations" ("id" uuid not null, "tenant_code" varchar(50) not null, "tenant_code_lower" varchar(50) generated always as (lower((tenant_code)::text)) stored null, "tenant_name" varchar(100) not null, "domain" varchar(255) null, "domain_lower" varchar(255) generated always as (lower((domain)::text)) stored null, "domain_verified_at" timestamptz(3) null, "subdomain" varchar(100) null, "subdomain_lower" varchar(100) generated always as (lower((subdomain)::text)) stored null, "settings" jsonb not null default '{}', "status" varchar(10) not null default 'active', "license_tier" varchar(50) not null default 'free', "enabled_modules" jsonb not null default '{}', "location_id" uuid null, "epoch" int not null default 1, "admin_email" varchar(255) null, "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "core"."organizations" add constraint "organizations_tenant_code_key" unique ("tenant_code_lower");`,
    );
    this.addSql(
      `create unique index "organizations_domain_key" on "core"."organizations" ("domain_lower") where deleted_at is null and domain_verified_at is not null;`,
    );
    this.addSql(
      `create unique index "organizations_subdomain_key" on "core"."organizations" ("subdomain_lower") where deleted_at is null;`,
    );

    this.addSql(
      `create table "core"."module_trials" ("id" uuid not null, "organization_id" uuid not null, "module" varchar(50) not null, "started_at" timestamptz(3) not null default now(), "ends_at" timestamptz(3) not null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "core"."module_trials" add constraint "module_trials_organization_id_module_key" unique ("organization_id", "module");`,
    );

    this.addSql(
      `create table "core"."permissions" ("id" uuid not null, "permission_code" varchar(100) not null, "permission_name" varchar(100) not null, "resource" varchar(100) not null, "action" varchar(10) not null, "module" varchar(50) null, "submodule" varchar(50) null, "description" text null, "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "core"."permissions" add constraint "permissions_permission_code_key" unique ("permission_code");`,
    );

    this.addSql(
      `create table "core"."plans" ("id" uuid not null, "plan_code" varchar(50) not null, "plan_name" varchar(100) not null, "modules" jsonb not null default '[]', "trial_modules" jsonb not null default '{}', "features" jsonb not null default '[]', "limits" jsonb not null default '{}', "price" numeric(18,2) not null default '0.00', "currency" char(3) not null default 'USD', "billing_period" varchar(10) not null default 'month', "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(`alter table "core"."plans" add constraint "plans_plan_code_key" unique ("plan_code");`);

    this.addSql(
      `create table "core"."roles" ("id" uuid not null, "organization_id" uuid null, "scope_id" uuid generated always as (coalesce(organization_id, '00000000-0000-0000-0000-000000000000'::uuid)) stored null, "role_code" varchar(50) not null, "role_code_lower" varchar(50) generated always as (lower((role_code)::text)) stored null, "role_name" varchar(100) not null, "description" text null, "priority" int not null default 0, "role_type" varchar(10) not null default 'user', "record_scope" varchar(10) not null default 'own', "requires_mfa" boolean not null default false, "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`alter table "core"."roles" add constraint "roles_scope_id_id_key" unique ("scope_id", "id");`);
    this.addSql(
      `create unique index "roles_scope_id_role_code_key" on "core"."roles" ("scope_id", "role_code_lower") where deleted_at is null;`,
    );

    this.addSql(
      `create table "core"."role_permissions" ("id" uuid not null, "organization_id" uuid null, "role_scope_id" uuid not null, "role_id" uuid not null, "permission_id" uuid not null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "core"."role_permissions" add constraint "role_permissions_role_id_permission_id_key" unique ("role_scope_id", "role_id", "permission_id");`,
    );

    this.addSql(
      `create table "core"."subscriptions" ("id" uuid not null, "organization_id" uuid not null, "plan_code" varchar(50) not null, "status" varchar(10) not null default 'active', "current_period_start" timestamptz(3) null, "current_period_end" timestamptz(3) null, "trial_ends_at" timestamptz(3) null, "past_due_at" timestamptz(3) null, "canceled_at" timestamptz(3) null, "cancel_at_period_end" boolean not null default false, "seats" int null, "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `create unique index "subscriptions_organization_id_key" on "core"."subscriptions" ("organization_id") where deleted_at is null;`,
    );

    this.addSql(
      `create table "core"."users" ("id" uuid not null, "organization_id" uuid null, "username" varchar(100) not null, "username_lower" varchar(100) generated always as (lower((username)::text)) stored null, "email" varchar(255) not null, "email_lower" varchar(255) generated always as (lower((email)::text)) stored null, "hashed_password" varchar(255) null, "full_name" varchar(100) null, "first_name" varchar(100) null, "last_name" varchar(100) null, "phone" varchar(255) null, "avatar_url" varchar(255) null, "status" varchar(10) not null default 'active', "is_email_verified" boolean not null default false, "last_login_at" timestamptz(3) null, "locked_until" timestamptz(3) null, "preferences" jsonb not null default '{}', "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`create index "users_email_lower_idx" on "core"."users" ("email_lower") where deleted_at is null;`);
    this.addSql(
      `create unique index "users_organization_id_username_key" on "core"."users" ("organization_id", "username_lower") where deleted_at is null;`,
    );
    this.addSql(
      `create unique index "users_organization_id_email_key" on "core"."users" ("organization_id", "email_lower") where deleted_at is null;`,
    );
    this.addSql(
      `create unique index "users_platform_username_key" on "core"."users" ("username_lower") where deleted_at is null and organization_id is null;`,
    );
    this.addSql(
      `create unique index "users_platform_email_key" on "core"."users" ("email_lower") where deleted_at is null and organization_id is null;`,
    );

    this.addSql(
      `create table "core"."sessions" ("id" uuid not null, "user_id" uuid not null, "organization_id" uuid null, "refresh_hash" varchar(64) not null, "family" uuid not null, "user_agent" varchar(255) null, "ip" varchar(45) null, "expires_at" timestamptz(3) not null, "revoked_at" timestamptz(3) null, "replaced_by" uuid null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(`create index "sessions_family_idx" on "core"."sessions" ("family");`);
    this.addSql(
      `create index "sessions_organization_id_user_id_idx" on "core"."sessions" ("organization_id", "user_id");`,
    );
    this.addSql(`alter table "core"."sessions" add constraint "sessions_refresh_hash_key" unique ("refresh_hash");`);

    this.addSql(
      `create table "core"."user_tenant_associations" ("organization_id" uuid not null, "user_id" uuid not null, "status" varchar(10) not null default 'active', "reports_to_id" uuid null, "joined_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("organization_id", "user_id"));`,
    );
    this.addSql(
      `create index "user_tenant_associations_user_id_idx" on "core"."user_tenant_associations" ("user_id");`,
    );
    this.addSql(
      `create index "user_tenant_associations_organization_id_reports_to_id_idx" on "core"."user_tenant_associations" ("organization_id", "reports_to_id");`,
    );

    this.addSql(
      `create table "core"."user_roles" ("id" uuid not null, "organization_id" uuid null, "user_id" uuid not null, "role_scope_id" uuid not null, "role_id" uuid not null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "core"."user_roles" add constraint "user_roles_organization_id_user_id_role_id_key" unique ("organization_id", "user_id", "role_scope_id", "role_id");`,
    );
    this.addSql(
      `create unique index "user_roles_platform_key" on "core"."user_roles" ("user_id", "role_scope_id", "role_id") where organization_id is null;`,
    );

    this.addSql(
      `create table "core"."user_permissions" ("id" uuid not null, "organization_id" uuid not null, "user_id" uuid not null, "permission_id" uuid not null, "granted_by" uuid null, "expires_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "core"."user_permissions" add constraint "user_permissions_organization_id_user_id_permission_id_key" unique ("organization_id", "user_id", "permission_id");`,
    );

    this.addSql(
      `create table "core"."user_modules" ("id" uuid not null, "organization_id" uuid not null, "user_id" uuid not null, "module" varchar(50) not null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "core"."user_modules" add constraint "user_modules_organization_id_user_id_module_key" unique ("organization_id", "user_id", "module");`,
    );

    this.addSql(
      `alter table "core"."locations" add constraint "locations_isolation_check" check (isolation in ('shared', 'schema', 'database'));`,
    );
    this.addSql(
      `alter table "core"."locations" add constraint "locations_status_check" check (status in ('provisioning', 'ready', 'migrating', 'failed', 'retired'));`,
    );
    this.addSql(`alter table "core"."locations" enable row level security;`);
    this.addSql(`alter table "core"."locations" force row level security;`);
    this.addSql(
      `create policy "platform_rows" on "core"."locations" to "tenantry_platform" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "migrator_rows" on "core"."locations" to "tenantry_owner" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."one_time_tokens" add constraint "one_time_tokens_purpose_check" check (purpose in ('invitation', 'email', 'password'));`,
    );
    this.addSql(`alter table "core"."one_time_tokens" enable row level security;`);
    this.addSql(`alter table "core"."one_time_tokens" force row level security;`);
    this.addSql(
      `create policy "platform_rows" on "core"."one_time_tokens" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."organizations" add constraint "organizations_location_id_foreign" foreign key ("location_id") references "core"."locations" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."organizations" add constraint "organizations_status_check" check (status in ('active', 'suspended', 'inactive'));`,
    );
    this.addSql(
      `alter table "core"."organizations" add constraint "organizations_tenant_code_check" check (tenant_code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{1,49}$');`,
    );
    this.addSql(`alter table "core"."organizations" enable row level security;`);
    this.addSql(`alter table "core"."organizations" force row level security;`);
    this.addSql(
      `create policy "own_row" on "core"."organizations" for select to "tenantry_app" using (id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "own_row_update" on "core"."organizations" for update to "tenantry_app" using (id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."organizations" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."module_trials" add constraint "module_trials_organization_id_foreign" foreign key ("organization_id") references "core"."organizations" ("id") on update no action on delete no action;`,
    );
    this.addSql(`alter table "core"."module_trials" enable row level security;`);
    this.addSql(`alter table "core"."module_trials" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."module_trials" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."module_trials" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."permissions" add constraint "permissions_action_check" check (action in ('create', 'read', 'update', 'delete', 'manage'));`,
    );

    this.addSql(
      `alter table "core"."plans" add constraint "plans_billing_period_check" check (billing_period in ('month', 'year'));`,
    );

    this.addSql(
      `alter table "core"."roles" add constraint "roles_role_type_check" check (role_type in ('admin', 'user', 'both'));`,
    );
    this.addSql(
      `alter table "core"."roles" add constraint "roles_record_scope_check" check (record_scope in ('all', 'team', 'own'));`,
    );
    this.addSql(
      `alter table "core"."roles" add constraint "roles_priority_check" check (priority >= 0 and priority <= 100);`,
    );
    this.addSql(`alter table "core"."roles" enable row level security;`);
    this.addSql(`alter table "core"."roles" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."roles" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "built_in_rows" on "core"."roles" for select to "tenantry_app" using (organization_id is null);`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."roles" to "tenantry_platform" using (true) with check (true);`,
    );
    this.addSql(`create policy "definer_reads" on "core"."roles" for select to "tenantry_owner" using (true);`);

    this.addSql(
      `alter table "core"."role_permissions" add constraint "role_permissions_role_scope_id_role_id_foreign" foreign key ("role_scope_id", "role_id") references "core"."roles" ("scope_id", "id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."role_permissions" add constraint "role_permissions_permission_id_foreign" foreign key ("permission_id") references "core"."permissions" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."role_permissions" add constraint "role_permissions_role_scope_id_check" check (role_scope_id = coalesce(organization_id, '00000000-0000-0000-0000-000000000000'::uuid));`,
    );
    this.addSql(`alter table "core"."role_permissions" enable row level security;`);
    this.addSql(`alter table "core"."role_permissions" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."role_permissions" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "built_in_rows" on "core"."role_permissions" for select to "tenantry_app" using (organization_id is null);`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."role_permissions" to "tenantry_platform" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "definer_reads" on "core"."role_permissions" for select to "tenantry_owner" using (true);`,
    );

    this.addSql(
      `alter table "core"."subscriptions" add constraint "subscriptions_organization_id_foreign" foreign key ("organization_id") references "core"."organizations" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."subscriptions" add constraint "subscriptions_plan_code_foreign" foreign key ("plan_code") references "core"."plans" ("plan_code") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."subscriptions" add constraint "subscriptions_status_check" check (status in ('trialing', 'active', 'past_due', 'canceled'));`,
    );
    this.addSql(`alter table "core"."subscriptions" enable row level security;`);
    this.addSql(`alter table "core"."subscriptions" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."subscriptions" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."subscriptions" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."users" add constraint "users_organization_id_foreign" foreign key ("organization_id") references "core"."organizations" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."users" add constraint "users_status_check" check (status in ('active', 'inactive', 'suspended'));`,
    );
    this.addSql(`alter table "core"."users" enable row level security;`);
    this.addSql(`alter table "core"."users" force row level security;`);
    this.addSql(
      `create policy "visible_users" on "core"."users" for select to "tenantry_app" using (id = (select nullif(current_setting('app.user_id', true), '')::uuid as "nullif") or ((select current_setting('app.sees_users', true) as "current_setting") = 'all' and (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif") or core.is_guest(id))));`,
    );
    this.addSql(
      `create policy "written_users" on "core"."users" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif") and ((select current_setting('app.sees_users', true) as "current_setting") = 'all' or id = (select nullif(current_setting('app.user_id', true), '')::uuid as "nullif"))) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif") and ((select current_setting('app.sees_users', true) as "current_setting") = 'all' or id = (select nullif(current_setting('app.user_id', true), '')::uuid as "nullif")));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."users" to "tenantry_platform" using (true) with check (true);`,
    );
    this.addSql(`create policy "definer_reads" on "core"."users" for select to "tenantry_owner" using (true);`);

    this.addSql(
      `alter table "core"."sessions" add constraint "sessions_user_id_foreign" foreign key ("user_id") references "core"."users" ("id") on update no action on delete no action;`,
    );
    this.addSql(`alter table "core"."sessions" enable row level security;`);
    this.addSql(`alter table "core"."sessions" force row level security;`);
    this.addSql(
      `create policy "platform_rows" on "core"."sessions" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."user_tenant_associations" add constraint "user_tenant_associations_organization_id_foreign" foreign key ("organization_id") references "core"."organizations" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."user_tenant_associations" add constraint "user_tenant_associations_user_id_foreign" foreign key ("user_id") references "core"."users" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."user_tenant_associations" add constraint "user_tenant_associations_organization_id_reports_to_id_foreign" foreign key ("organization_id", "reports_to_id") references "core"."user_tenant_associations" ("organization_id", "user_id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."user_tenant_associations" add constraint "user_tenant_associations_status_check" check (status in ('active', 'inactive', 'suspended'));`,
    );
    this.addSql(
      `alter table "core"."user_tenant_associations" add constraint "user_tenant_associations_own_superior_check" check (reports_to_id <> user_id);`,
    );
    this.addSql(`alter table "core"."user_tenant_associations" enable row level security;`);
    this.addSql(`alter table "core"."user_tenant_associations" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."user_tenant_associations" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."user_tenant_associations" to "tenantry_platform" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "definer_reads" on "core"."user_tenant_associations" for select to "tenantry_owner" using (true);`,
    );

    this.addSql(
      `alter table "core"."user_roles" add constraint "user_roles_user_id_foreign" foreign key ("user_id") references "core"."users" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."user_roles" add constraint "user_roles_organization_id_user_id_foreign" foreign key ("organization_id", "user_id") references "core"."user_tenant_associations" ("organization_id", "user_id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."user_roles" add constraint "user_roles_role_scope_id_role_id_foreign" foreign key ("role_scope_id", "role_id") references "core"."roles" ("scope_id", "id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."user_roles" add constraint "user_roles_role_scope_id_check" check (role_scope_id = '00000000-0000-0000-0000-000000000000'::uuid or role_scope_id = organization_id);`,
    );
    this.addSql(`alter table "core"."user_roles" enable row level security;`);
    this.addSql(`alter table "core"."user_roles" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."user_roles" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."user_roles" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."user_permissions" add constraint "user_permissions_organization_id_user_id_foreign" foreign key ("organization_id", "user_id") references "core"."user_tenant_associations" ("organization_id", "user_id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."user_permissions" add constraint "user_permissions_permission_id_foreign" foreign key ("permission_id") references "core"."permissions" ("id") on update no action on delete no action;`,
    );
    this.addSql(`alter table "core"."user_permissions" enable row level security;`);
    this.addSql(`alter table "core"."user_permissions" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."user_permissions" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."user_permissions" to "tenantry_platform" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "core"."user_modules" add constraint "user_modules_organization_id_user_id_foreign" foreign key ("organization_id", "user_id") references "core"."user_tenant_associations" ("organization_id", "user_id") on update no action on delete no action;`,
    );
    this.addSql(`alter table "core"."user_modules" enable row level security;`);
    this.addSql(`alter table "core"."user_modules" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."user_modules" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."user_modules" to "tenantry_platform" using (true) with check (true);`,
    );
  }

  override down(): void {
    this.addSql(`alter table "core"."organizations" drop constraint "organizations_location_id_foreign";`);
    this.addSql(`alter table "core"."module_trials" drop constraint "module_trials_organization_id_foreign";`);
    this.addSql(`alter table "core"."subscriptions" drop constraint "subscriptions_organization_id_foreign";`);
    this.addSql(`alter table "core"."users" drop constraint "users_organization_id_foreign";`);
    this.addSql(
      `alter table "core"."user_tenant_associations" drop constraint "user_tenant_associations_organization_id_foreign";`,
    );
    this.addSql(`alter table "core"."role_permissions" drop constraint "role_permissions_permission_id_foreign";`);
    this.addSql(`alter table "core"."user_permissions" drop constraint "user_permissions_permission_id_foreign";`);
    this.addSql(`alter table "core"."subscriptions" drop constraint "subscriptions_plan_code_foreign";`);
    this.addSql(
      `alter table "core"."role_permissions" drop constraint "role_permissions_role_scope_id_role_id_foreign";`,
    );
    this.addSql(`alter table "core"."user_roles" drop constraint "user_roles_role_scope_id_role_id_foreign";`);
    this.addSql(`alter table "core"."sessions" drop constraint "sessions_user_id_foreign";`);
    this.addSql(
      `alter table "core"."user_tenant_associations" drop constraint "user_tenant_associations_user_id_foreign";`,
    );
    this.addSql(`alter table "core"."user_roles" drop constraint "user_roles_user_id_foreign";`);
    this.addSql(
      `alter table "core"."user_tenant_associations" drop constraint "user_tenant_associations_organization_id_reports_to_id_foreign";`,
    );
    this.addSql(`alter table "core"."user_roles" drop constraint "user_roles_organization_id_user_id_foreign";`);
    this.addSql(
      `alter table "core"."user_permissions" drop constraint "user_permissions_organization_id_user_id_foreign";`,
    );
    this.addSql(`alter table "core"."user_modules" drop constraint "user_modules_organization_id_user_id_foreign";`);

    this.addSql(`drop table if exists "core"."locations" cascade;`);
    this.addSql(`drop table if exists "core"."one_time_tokens" cascade;`);
    this.addSql(`drop table if exists "core"."organizations" cascade;`);
    this.addSql(`drop table if exists "core"."module_trials" cascade;`);
    this.addSql(`drop table if exists "core"."permissions" cascade;`);
    this.addSql(`drop table if exists "core"."plans" cascade;`);
    this.addSql(`drop table if exists "core"."roles" cascade;`);
    this.addSql(`drop table if exists "core"."role_permissions" cascade;`);
    this.addSql(`drop table if exists "core"."subscriptions" cascade;`);
    this.addSql(`drop table if exists "core"."users" cascade;`);
    this.addSql(`drop table if exists "core"."sessions" cascade;`);
    this.addSql(`drop table if exists "core"."user_tenant_associations" cascade;`);
    this.addSql(`drop table if exists "core"."user_roles" cascade;`);
    this.addSql(`drop table if exists "core"."user_permissions" cascade;`);
    this.addSql(`drop table if exists "core"."user_modules" cascade;`);
  }
}
