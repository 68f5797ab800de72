import type { INestApplicationContext } from '@nestjs/common';
import { PlatformUnit } from '../platform/tenancy/platform.js';

/** What the last try to make a tenant's location met, in words. */
export async function reasonOf(services: INestApplicationContext, organizationId: string): Promise<string> {
  const [failed] = await services.get(PlatformUnit).query<{ step: string; error: string }>({
    text: `select s.step, s.last_error as error from core.organizations o join core.location_steps s on s.location_id = o.location_id
      where o.id = $1 and s.last_error is not null order by s.updated_at desc limit 1`,
    values: [organizationId],
  });
  return failed === undefined ? 'its location could not be reached' : `${failed.step}: ${failed.error}`;
}
