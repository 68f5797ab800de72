import { Migration } from '@mikro-orm/migrations';

/** A tenant's hosts are remembered like its code: their change is told. */
export class Migration20261127100000_hosts extends Migration {
  override name = 'Migration20261127100000_hosts';

  override up(): void {
    this.watchOrganizations(
      'status, enabled_modules, epoch, location_id, deleted_at, license_tier, tenant_code, settings, subdomain, domain, domain_verified_at',
    );
  }

  override down(): void {
    this.watchOrganizations(
      'status, enabled_modules, epoch, location_id, deleted_at, license_tier, tenant_code, settings',
    );
  }

  private watchOrganizations(columns: string): void {
    this.addSql(`drop trigger access_changed on core.organizations`);
    this.addSql(
      `create trigger access_changed after update of ${columns} or delete on core.organizations for each row execute function core.access_changed('organization')`,
    );
  }
}
