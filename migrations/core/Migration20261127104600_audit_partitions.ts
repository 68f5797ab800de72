import { Migration } from '@mikro-orm/migrations';
import { dropAuditPartitions, makeAuditPartitions } from '../audit-partitions.js';

/** The audit log by month, and an index for what people ask of it: the history of one row. */
export class Migration20261127104600_audit_partitions extends Migration {
  override name = 'Migration20261127104600_audit_partitions';

  override up(): void {
    for (const sql of makeAuditPartitions('core')) this.addSql(sql);
    this.addSql(`create index audit_log_resource_id_idx on core.audit_log (organization_id, resource_id, at)`);
  }

  override down(): void {
    this.addSql(`drop index core.audit_log_resource_id_idx`);
    this.addSql(dropAuditPartitions('core'));
    // the locations have been taken back before
    this.addSql(`drop function tenancy.make_audit_partitions(name, integer)`);
  }
}
