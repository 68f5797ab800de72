import type pg from 'pg';
import type { DatabaseAt } from '../../platform/database/index.js';

/** The databases that are tenants' own, with the schema of each. */
export async function ownPlaces(client: pg.Client): Promise<(DatabaseAt & { readonly schema: string })[]> {
  const { rows: there } = await client.query(`select where to_regclass('core.locations') is not null`);
  if (there.length === 0) return [];
  const { rows } = await client.query<DatabaseAt & { schema: string }>(
    `select server, database_name as database, schema_name as schema from core.locations
     where database_name is not null and status not in ('provisioning', 'retired') order by created_at, id`,
  );
  return rows;
}
