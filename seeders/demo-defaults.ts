import { makeDefaultGroups } from '../src/modules/groups/index.js';
import { makeDefaultMenus } from '../src/modules/menus/index.js';
import { ORGANIZATIONS } from './data/organizations.js';
import { organizationId } from './demo-organizations.js';
import type { Run } from './rows.js';
import { madeOrThere, type Step } from './seeder.js';

/** What every tenant has from its first day on: the groups of the system, in which the demo users are, and the first menus. */
export async function demoDefaults(run: Run): Promise<Step[]> {
  const living = await run<{ id: string }>({
    text: `select id from core.organizations where id = any ($1) and deleted_at is null`,
    values: [ORGANIZATIONS.map(({ code }) => organizationId(code))],
  });
  const ids = new Set(living.map(({ id }) => id));
  const unit = { read: run, write: run };
  const steps: Step[] = [];
  for (const { code, name } of ORGANIZATIONS) {
    const id = organizationId(code);
    if (!ids.has(id)) continue;
    const made = [...(await makeDefaultGroups(unit, id)), ...(await makeDefaultMenus(unit, id))];
    steps.push(madeOrThere(made.length > 0, `groups and menus: ${name}`, made.join(', ')));
  }
  return steps;
}
