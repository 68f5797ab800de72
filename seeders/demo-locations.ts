import { ORGANIZATIONS } from './data/organizations.js';
import { organizationId } from './demo-organizations.js';
import { madeOrThere, type Seeding, type Step } from './seeder.js';

interface Place {
  readonly id: string;
  readonly status: string;
  readonly name: string;
}

/** The schemas and databases of the demo organizations that have one of their own: made where they are not yet, and empty. */
export async function demoLocations(platform: Seeding['platform'], places: Seeding['places']): Promise<Step[]> {
  const found = await platform.query<Place>({
    text: `select o.id, l.status, coalesce('database ' || l.database_name, 'schema ' || l.schema_name) as name
      from core.organizations o join core.locations l on l.id = o.location_id
      where o.id = any ($1) and o.deleted_at is null and l.isolation <> 'shared'`,
    values: [ORGANIZATIONS.map(({ code }) => organizationId(code))],
  });
  const steps: Step[] = [];
  for (const { code, name } of ORGANIZATIONS) {
    const place = found.find(({ id }) => id === organizationId(code));
    if (place === undefined) continue;
    const isNew = place.status === 'provisioning';
    if (isNew) await places.settleBare(place.id);
    steps.push(madeOrThere(isNew, `location: ${name}`, place.name));
  }
  return steps;
}
