import { Migration } from '@mikro-orm/migrations';
import { dropAuditPartitions, makeAuditPartitions } from '../audit-partitions.js';

/** The audit log by month, and an index for what people ask of it: the history of one row. */
export class Migration20261127104600_audit_partitions extends Migration {
  override name = 'Migration20261127104600_audit_partitions';

  override up(): void {
    for (const sql of makeAuditPartitions(undefined)) this.addSql(sql);
    this.addSql(`create index audit_log_resource_id_idx on audit_log (organization_id, resource_id, at)`);
  }

  override down(): void {
    this.addSql(`drop index audit_log_resource_id_idx`);
    this.addSql(dropAuditPartitions(undefined));
    // the function stays: other locations of this database lean on it
  }
}
