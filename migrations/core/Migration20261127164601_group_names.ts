import { Migration } from '@mikro-orm/migrations';

/** Names of groups have 100 characters, as those of boards. A longer one stops the migration: it is not cut unasked. */
export class Migration20261127164601_group_names extends Migration {
  override name = 'Migration20261127164601_group_names';

  override up(): void {
    this.addSql(`alter table "core"."user_groups" alter column "group_name" type varchar(100)`);
  }

  override down(): void {
    this.addSql(`alter table "core"."user_groups" alter column "group_name" type varchar(200)`);
  }
}
