import type { Placement } from '../../src/platform/tenancy/index.js';
import type { TestDatabase } from './database.js';

export interface Tenant {
  readonly code: string;
  readonly id: string;
  readonly adminId: string;
  readonly placement: Placement;
}

/** A demo tenant as the database has it. */
export async function tenantOf(database: TestDatabase, code: string): Promise<Tenant> {
  const [row] = await database.sql<{ id: string; epoch: number; admin_id: string; database: string; schema: string }>(
    `select o.id, o.epoch, coalesce(l.database_name, current_database()) as database, l.schema_name as schema, u.id as admin_id from core.organizations o join core.locations l on l.id = o.location_id
     join core.users u on u.organization_id = o.id and u.username = 'admin' where o.tenant_code = $1`,
    [code],
  );
  if (row === undefined) throw new Error(`there is no demo tenant ${code}`);
  const { id, epoch, admin_id, database: name, schema } = row;
  return {
    code,
    id,
    adminId: admin_id,
    placement: { organizationId: id, epoch, server: 'main', database: name, schema },
  };
}
