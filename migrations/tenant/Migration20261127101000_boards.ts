import { Migration } from '@mikro-orm/migrations';

export class Migration20261127101000_boards extends Migration {
  override name = 'Migration20261127101000_boards';

  override up(): void {
    this.addSql(
      `create table "boards" ("organization_id" uuid not null, "id" uuid not null, "board_code" varchar(50) not null, "board_code_lower" varchar(50) generated always as (lower((board_code)::text)) stored null, "board_name" varchar(100) not null, "description" text null, "board_type" varchar(10) not null default 'notice', "display_order" int not null default 0, "allow_comments" boolean not null default true, "allow_attachments" boolean not null default true, "settings" jsonb not null default '{}', "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("organization_id", "id"));`,
    );
    this.addSql(
      `create index "boards_created_at_idx" on "boards" ("organization_id", "created_at", "id") where deleted_at is null;`,
    );
    this.addSql(
      `create unique index "boards_organization_id_board_code_key" on "boards" ("organization_id", "board_code_lower") where deleted_at is null;`,
    );

    this.addSql(
      `create table "board_categories" ("organization_id" uuid not null, "id" uuid not null, "board_id" uuid not null, "category_code" varchar(50) not null, "category_code_lower" varchar(50) generated always as (lower((category_code)::text)) stored null, "category_name" varchar(200) not null, "display_order" int not null default 0, "deleted_with" uuid null, "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("organization_id", "id"));`,
    );
    this.addSql(
      `create index "board_categories_display_order_idx" on "board_categories" ("organization_id", "board_id", "display_order", "id") where deleted_at is null;`,
    );
    this.addSql(
      `alter table "board_categories" add constraint "board_categories_organization_id_board_id_id_key" unique ("organization_id", "board_id", "id");`,
    );
    this.addSql(
      `create unique index "board_categories_organization_id_board_id_category_code_key" on "board_categories" ("organization_id", "board_id", "category_code_lower") where deleted_at is null;`,
    );

    this.addSql(
      `create table "board_groups" ("organization_id" uuid not null, "id" uuid not null, "board_id" uuid not null, "group_id" uuid not null, "access" varchar(5) not null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, primary key ("organization_id", "id"));`,
    );
    this.addSql(`create index "board_groups_group_id_idx" on "board_groups" ("organization_id", "group_id");`);
    this.addSql(
      `alter table "board_groups" add constraint "board_groups_organization_id_board_id_group_id_access_key" unique ("organization_id", "board_id", "group_id", "access");`,
    );

    this.addSql(
      `create table "posts" ("organization_id" uuid not null, "id" uuid not null, "board_id" uuid not null, "category_id" uuid null, "title" varchar(200) not null, "content" text not null, "author_id" uuid null, "is_pinned" boolean not null default false, "status" varchar(10) not null default 'published', "view_count" int not null default 0, "comment_count" int not null default 0, "search" tsvector generated always as (to_tsvector('simple'::regconfig, (title)::text || ' '::text || content) || array_to_tsvector(array['@'::text || (organization_id)::text])) stored null, "deleted_with" uuid null, "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("organization_id", "id"));`,
    );
    this.addSql(
      `create index "posts_created_at_idx" on "posts" ("organization_id", "board_id", "created_at", "id") where deleted_at is null;`,
    );
    this.addSql(
      `create index "posts_is_pinned_idx" on "posts" ("organization_id", "board_id", "is_pinned", "created_at", "id") where deleted_at is null;`,
    );
    this.addSql(
      `create index "posts_category_id_idx" on "posts" ("organization_id", "board_id", "category_id", "created_at", "id");`,
    );
    this.addSql(`create index "posts_search_idx" on "posts" using gin ("search");`);

    this.addSql(
      `create table "comments" ("organization_id" uuid not null, "id" uuid not null, "post_id" uuid not null, "parent_id" uuid null, "content" text not null, "author_id" uuid null, "status" varchar(10) not null default 'published', "deleted_with" uuid null, "version" int not null default 1, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "created_by" uuid null, "updated_by" uuid null, "deleted_at" timestamptz(3) null, primary key ("organization_id", "id"));`,
    );
    this.addSql(
      `create index "comments_created_at_idx" on "comments" ("organization_id", "post_id", "created_at", "id") where deleted_at is null;`,
    );
    this.addSql(`create index "comments_parent_id_idx" on "comments" ("organization_id", "post_id", "parent_id");`);
    this.addSql(
      `alter table "comments" add constraint "comments_organization_id_post_id_id_key" unique ("organization_id", "post_id", "id");`,
    );

    this.addSql(
      `alter table "boards" add constraint "boards_board_type_check" check (board_type in ('notice', 'forum', 'qna', 'gallery'));`,
    );
    this.addSql(`alter table "boards" enable row level security;`);
    this.addSql(`alter table "boards" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "boards" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif"));`,
    );

    this.addSql(
      `alter table "board_categories" add constraint "board_categories_organization_id_board_id_foreign" foreign key ("organization_id", "board_id") references "boards" ("organization_id", "id") on update no action on delete no action deferrable initially immediate;`,
    );
    this.addSql(`alter table "board_categories" enable row level security;`);
    this.addSql(`alter table "board_categories" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "board_categories" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif"));`,
    );

    this.addSql(
      `alter table "board_groups" add constraint "board_groups_organization_id_board_id_foreign" foreign key ("organization_id", "board_id") references "boards" ("organization_id", "id") on update no action on delete no action deferrable initially immediate;`,
    );
    this.addSql(
      `alter table "board_groups" add constraint "board_groups_access_check" check (access in ('read', 'write'));`,
    );
    this.addSql(`alter table "board_groups" enable row level security;`);
    this.addSql(`alter table "board_groups" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "board_groups" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif"));`,
    );

    this.addSql(
      `alter table "posts" add constraint "posts_organization_id_board_id_foreign" foreign key ("organization_id", "board_id") references "boards" ("organization_id", "id") on update no action on delete no action deferrable initially immediate;`,
    );
    this.addSql(
      `alter table "posts" add constraint "posts_organization_id_board_id_category_id_foreign" foreign key ("organization_id", "board_id", "category_id") references "board_categories" ("organization_id", "board_id", "id") on update no action on delete no action deferrable initially immediate;`,
    );
    this.addSql(
      `alter table "posts" add constraint "posts_status_check" check (status in ('draft', 'published', 'hidden'));`,
    );
    this.addSql(`alter table "posts" add constraint "posts_content_check" check (char_length(content) <= 65536);`);
    this.addSql(`alter table "posts" enable row level security;`);
    this.addSql(`alter table "posts" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "posts" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif"));`,
    );
    this.addSql(`create policy "definer_reads" on "posts" for select to "tenantry_owner" using (true);`);

    this.addSql(
      `alter table "comments" add constraint "comments_organization_id_post_id_foreign" foreign key ("organization_id", "post_id") references "posts" ("organization_id", "id") on update no action on delete no action deferrable initially immediate;`,
    );
    this.addSql(
      `alter table "comments" add constraint "comments_organization_id_post_id_parent_id_foreign" foreign key ("organization_id", "post_id", "parent_id") references "comments" ("organization_id", "post_id", "id") on update no action on delete no action deferrable initially immediate;`,
    );
    this.addSql(
      `alter table "comments" add constraint "comments_status_check" check (status in ('published', 'hidden'));`,
    );
    this.addSql(
      `alter table "comments" add constraint "comments_content_check" check (char_length(content) <= 65536);`,
    );
    this.addSql(`alter table "comments" enable row level security;`);
    this.addSql(`alter table "comments" force row level security;`);
    this.addSql(
      `create policy "own_rows" on "comments" to "tenantry_app" using (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif")) with check (organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid as "nullif"));`,
    );

    // under a policy @@ is not leakproof and reads every row: so the owner looks, past the policies, with an outright
    // organization in their place. The word "@<organization>" narrows the index itself to one tenant.
    this.addSql(`create function posts_found(query text) returns setof uuid
language sql stable security definer set search_path from current rows 100 as $$
  select p.id from posts p, (select nullif(current_setting('app.organization_id', true), '')::uuid as organization) o,
    websearch_to_tsquery('simple'::regconfig, query) as words
  where p.organization_id = o.organization and numnode(words) > 0
    and p.search @@ (words && ('''@' || o.organization || '''')::tsquery)
$$`);
    this.addSql(`revoke all on function posts_found(text) from public`);
  }

  override down(): void {
    this.addSql(`drop function posts_found(text);`);

    this.addSql(`alter table "board_categories" drop constraint "board_categories_organization_id_board_id_foreign";`);
    this.addSql(`alter table "board_groups" drop constraint "board_groups_organization_id_board_id_foreign";`);
    this.addSql(`alter table "posts" drop constraint "posts_organization_id_board_id_foreign";`);
    this.addSql(`alter table "posts" drop constraint "posts_organization_id_board_id_category_id_foreign";`);
    this.addSql(`alter table "comments" drop constraint "comments_organization_id_post_id_foreign";`);
    this.addSql(`alter table "comments" drop constraint "comments_organization_id_post_id_parent_id_foreign";`);

    this.addSql(`drop table if exists "boards" cascade;`);
    this.addSql(`drop table if exists "board_categories" cascade;`);
    this.addSql(`drop table if exists "board_groups" cascade;`);
    this.addSql(`drop table if exists "posts" cascade;`);
    this.addSql(`drop table if exists "comments" cascade;`);
  }
}
