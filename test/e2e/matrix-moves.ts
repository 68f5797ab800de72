import type { TestDatabase } from '../support/database.js';
import { MOVE_ID } from './matrix-recipes.js';

/** A node that moves nobody: what is asked of it stays asked, and nothing is written behind the cases’ backs. */
export const WITHOUT_MOVER = { DATABASE_MOVER_URL: '' };

/** A move of a tenant that was taken back, to a place that is no more. */
export async function plantMove(database: TestDatabase, organizationId: string): Promise<void> {
  await database.sql(
    `with place as (insert into core.locations (id, isolation, server, schema_name, status)
       values (gen_random_uuid(), 'schema', 'main', 'tenant_matrix', 'retired') returning id)
     insert into core.moves (id, organization_id, from_location_id, to_location_id, status, epoch, finished_at, cleaned_at)
     select $1, o.id, o.location_id, place.id, 'aborted', o.epoch, now(), now() from core.organizations o, place where o.id = $2`,
    [MOVE_ID, organizationId],
  );
}
