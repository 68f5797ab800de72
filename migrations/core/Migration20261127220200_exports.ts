import { Migration } from '@mikro-orm/migrations';

export class Migration20261127220200_exports extends Migration {
  override name = 'Migration20261127220200_exports';

  override up(): void {
    this.addSql(
      `create table "core"."exports" ("id" uuid not null, "organization_id" uuid not null, "status" varchar(10) not null default 'queued', "size_bytes" bigint null, "checksum" varchar(64) null, "expires_at" timestamptz(3) null, "error" varchar(255) null, "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(
      `create index "exports_organization_id_idx" on "core"."exports" ("organization_id", "created_at", "id");`,
    );
    this.addSql(
      `create unique index "exports_unfinished_key" on "core"."exports" ("organization_id") where status in ('queued', 'running');`,
    );

    this.addSql(
      `alter table "core"."exports" add constraint "exports_organization_id_foreign" foreign key ("organization_id") references "core"."organizations" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."exports" add constraint "exports_status_check" check (status in ('queued', 'running', 'ready', 'failed', 'expired'));`,
    );
    this.addSql(
      `alter table "core"."exports" add constraint "exports_ready_check" check (status <> 'ready' or (size_bytes is not null and checksum is not null and expires_at is not null));`,
    );
    this.addSql(`alter table "core"."exports" enable row level security;`);
    this.addSql(`alter table "core"."exports" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "core"."exports" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.core_organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(
      `create policy "platform_rows" on "core"."exports" to "tenantry_platform" using (true) with check (true);`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "core"."exports" cascade;`);
  }
}
