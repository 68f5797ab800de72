import { Migration } from '@mikro-orm/migrations';

/** The platform's people read the log of all tenants by time: a page of it comes from an index, and so does a file. */
export class Migration20261127160000_audit_by_time extends Migration {
  override name = 'Migration20261127160000_audit_by_time';

  override up(): void {
    this.addSql(`create index audit_log_at_idx on core.audit_log (at, id)`);
  }

  override down(): void {
    this.addSql(`drop index core.audit_log_at_idx`);
  }
}
