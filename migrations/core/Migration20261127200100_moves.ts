import { Migration } from '@mikro-orm/migrations';

export class Migration20261127200100_moves extends Migration {
  override name = 'Migration20261127200100_moves';

  override up(): void {
    this.addSql(
      `create table "core"."moves" ("id" uuid not null, "organization_id" uuid not null, "from_location_id" uuid not null, "to_location_id" uuid not null, "status" varchar(15) not null default 'requested', "epoch" int not null, "rows_total" int not null default 0, "rows_copied" int not null default 0, "rows_caught_up" int not null default 0, "pause_ms" int null, "fence_tries" int not null default 0, "error" text null, "abort_requested_at" timestamptz(3) null, "switched_at" timestamptz(3) null, "finished_at" timestamptz(3) null, "cleaned_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("id"));`,
    );
    this.addSql(`create index "moves_organization_id_idx" on "core"."moves" ("organization_id", "created_at", "id");`);
    this.addSql(
      `create unique index "moves_unfinished_key" on "core"."moves" ("organization_id") where finished_at is null;`,
    );

    this.addSql(
      `alter table "core"."moves" add constraint "moves_organization_id_foreign" foreign key ("organization_id") references "core"."organizations" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."moves" add constraint "moves_from_location_id_foreign" foreign key ("from_location_id") references "core"."locations" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."moves" add constraint "moves_to_location_id_foreign" foreign key ("to_location_id") references "core"."locations" ("id") on update no action on delete no action;`,
    );
    this.addSql(
      `alter table "core"."moves" add constraint "moves_status_check" check (status in ('requested', 'capturing', 'copying', 'catching_up', 'fencing', 'switching', 'done', 'failed', 'aborted'));`,
    );
    this.addSql(
      `alter table "core"."moves" add constraint "moves_places_check" check (from_location_id <> to_location_id);`,
    );
    this.addSql(`alter table "core"."moves" enable row level security;`);
    this.addSql(`alter table "core"."moves" force row level security;`);
    this.addSql(
      `create policy "platform_rows" on "core"."moves" to "tenantry_platform" using (true) with check (true);`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "core"."moves" cascade;`);
  }
}
