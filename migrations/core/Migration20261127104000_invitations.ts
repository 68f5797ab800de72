import { Migration } from '@mikro-orm/migrations';

/** Whom an invited person will report to, and what lists of invitations are read by. */
export class Migration20261127104000_invitations extends Migration {
  override name = 'Migration20261127104000_invitations';

  override up(): void {
    this.addSql(
      `alter table "core"."one_time_tokens" add "email_lower" varchar(255) null generated always as (lower((email)::text)) stored, add "reports_to_id" uuid null, add "version" int not null default 1;`,
    );
    this.addSql(
      `create index "one_time_tokens_invitations_idx" on "core"."one_time_tokens" ("organization_id", "created_at", "id") where purpose = 'invitation';`,
    );
  }

  override down(): void {
    this.addSql(`drop index "core"."one_time_tokens_invitations_idx";`);
    this.addSql(
      `alter table "core"."one_time_tokens" drop column "email_lower", drop column "reports_to_id", drop column "version";`,
    );
  }
}
