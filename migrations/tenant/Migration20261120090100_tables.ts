import { Migration } from '@mikro-orm/migrations';

export class Migration20261120090100_tables extends Migration {
  override name = 'Migration20261120090100_tables';

  override up(): void {
    this.addSql(
      `create table "crm_leads" ("organization_id" uuid not null, "id" uuid not null, "owner_id" uuid null, "tags" jsonb not null default '[]', "metadata" jsonb not null default '{}', "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, "name" varchar(200) not null, "company" varchar(255) null, "email" varchar(255) null, "phone" varchar(255) null, "source" varchar(255) null, "status" varchar(10) not null default 'new', "estimated_value" numeric(18,2) null, "currency" char(3) null, primary key ("organization_id", "id"));`,
    );
    this.addSql(
      `create index "crm_leads_created_at_idx" on "crm_leads" ("organization_id", "created_at", "id") where deleted_at is null;`,
    );
    this.addSql(
      `create index "crm_leads_owner_id_idx" on "crm_leads" ("organization_id", "owner_id", "created_at", "id") where deleted_at is null;`,
    );

    this.addSql(
      `create table "manufacturing_orders" ("organization_id" uuid not null, "id" uuid not null, "owner_id" uuid null, "tags" jsonb not null default '[]', "metadata" jsonb not null default '{}', "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, "item" varchar(255) not null, "quantity" numeric(18,4) not null, "status" varchar(10) not null default 'planned', primary key ("organization_id", "id"));`,
    );
    this.addSql(
      `create index "manufacturing_orders_created_at_idx" on "manufacturing_orders" ("organization_id", "created_at", "id") where deleted_at is null;`,
    );
    this.addSql(
      `create index "manufacturing_orders_owner_id_idx" on "manufacturing_orders" ("organization_id", "owner_id", "created_at", "id") where deleted_at is null;`,
    );

    this.addSql(
      `alter table "crm_leads" add constraint "crm_leads_status_check" check (status in ('new', 'contacted', 'qualified', 'lost', 'converted'));`,
    );
    this.addSql(`alter table "crm_leads" enable row level security;`);
    this.addSql(`alter table "crm_leads" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "crm_leads" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif"));`,
    );

    this.addSql(
      `alter table "manufacturing_orders" add constraint "manufacturing_orders_status_check" check (status in ('planned', 'released', 'done', 'canceled'));`,
    );
    this.addSql(
      `alter table "manufacturing_orders" add constraint "manufacturing_orders_quantity_check" check (quantity > 0);`,
    );
    this.addSql(`alter table "manufacturing_orders" enable row level security;`);
    this.addSql(`alter table "manufacturing_orders" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "manufacturing_orders" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif"));`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "crm_leads" cascade;`);
    this.addSql(`drop table if exists "manufacturing_orders" cascade;`);
  }
}
