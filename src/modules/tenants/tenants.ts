import { Organization } from '../../platform/tenancy/index.js';
import { defineResource } from '../../platform/resources/index.js';
import { CreateTenant, TenantRow, UpdateTenant } from './tenant.dto.js';

/** Organizations as they are seen from outside. A tenant's own people see their own alone. */
export const Tenants = defineResource({
  access: 'tenant',
  path: 'tenants',
  idParameter: 'tenant_id',
  entity: Organization,
  create: CreateTenant,
  update: UpdateTenant,
  row: TenantRow,
  filters: ['tenant_code', 'status', 'license_tier', 'domain', 'subdomain', 'isolation', 'admin_email'],
  search: ['tenant_code', 'tenant_name', 'domain', 'subdomain', 'admin_email'],
  sort: ['tenant_code', 'tenant_name', 'status', 'license_tier'],
  computed: {
    isolation: { type: 'varchar(10)', sql: (row) => `(core.place(${row}"location_id") ->> 'isolation')` },
    location: { type: 'jsonb', sql: (row) => `core.place(${row}"location_id")` },
  },
  beside: ['isolation', 'server'],
  options: { tenant: 'optional' },
});
