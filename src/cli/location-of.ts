import { connected } from './connected.js';
import { usage } from './exit.js';
import type { Session } from './session.js';

/**
 * The id of a living tenant's location, by the tenant's code or id, asked past the application: it need not be migrated
 * yet. Throws a CliError for no such tenant, and for one that has none yet.
 */
export async function locationOf(session: Session, named: string): Promise<string> {
  const { platform } = (await session.database()).urls;
  const [tenant] = await connected(platform, async (client) => {
    const { rows } = await client.query<{ location: string | null }>(
      `select location_id as location from core.organizations
       where deleted_at is null and (tenant_code_lower = lower($1) or id::text = lower($1))`,
      [named],
    );
    return rows;
  });
  if (tenant === undefined) throw usage(`There is no tenant "${named}".`, 'Give its code or its id.');
  if (tenant.location !== null) return tenant.location;
  throw usage(`The tenant "${named}" has no location yet.`, 'Finish it by: tenantry tenant:resume');
}
