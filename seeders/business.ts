import { type OrganizationData, ORGANIZATIONS } from './data/organizations.js';
import { DEMO_ROLES, type DemoRole } from './data/people.js';
import { PLANS } from './data/plans.js';
import { organizationId } from './demo-organizations.js';
import { userId } from './demo-users.js';
import { insertMissing, type Row, type Run } from './rows.js';
import { madeOrThere, type Seeding, type Step } from './seeder.js';

/** The ids of an organization's living demo users; undefined for one who is gone. */
export type Owners = (role: DemoRole) => string | undefined;

/** Records of one table for every demo organization whose plan, or trial, has the module. */
export interface BusinessData {
  readonly module: string;
  readonly table: string;
  /** As it follows a number: `leads`. */
  readonly plural: string;
  readonly rowsOf: (organization: OrganizationData, owners: Owners) => readonly Row[];
}

/** Each organization's in a transaction of its own, at its own location. */
export async function seedBusiness(seeding: Seeding, data: BusinessData): Promise<Step[]> {
  const steps: Step[] = [];
  for (const organization of ORGANIZATIONS.filter((each) => hasModule(each, data.module))) {
    steps.push(await seedOrganization(seeding, data, organization));
  }
  return steps;
}

const hasModule = ({ tier }: OrganizationData, module: string): boolean =>
  PLANS.some(({ code, modules, trials }) => code === tier && (modules.includes(module) || module in trials));

async function seedOrganization(
  { platform, tenancy }: Seeding,
  { module, table, plural, rowsOf }: BusinessData,
  organization: OrganizationData,
): Promise<Step> {
  const id = organizationId(organization.code);
  const where = `in ${organization.code}`;
  if (!(await livingOrganization(platform, organization.code)))
    return { done: 'skipped', what: `${module} ${where}`, holds: 'the organization is not there' };
  const rows = rowsOf(organization, await ownersOf(platform, organization));
  const run: Run = (statement) => tenancy.write(statement);
  const made = await tenancy.run(id, () => tenancy.transaction(() => insertMissing(run, table, rows)));
  const count = made.size > 0 ? made.size : rows.length;
  return madeOrThere(made.size > 0, `${String(count)} ${plural} ${where}`, byStatus(rows));
}

export async function livingOrganization(platform: Seeding['platform'], code: string): Promise<boolean> {
  const rows = await platform.query({
    text: `select from core.organizations where id = $1 and deleted_at is null`,
    values: [organizationId(code)],
  });
  return rows.length > 0;
}

export async function ownersOf(platform: Seeding['platform'], { code }: OrganizationData): Promise<Owners> {
  const rows = await platform.query<{ id: string }>({
    text: `select id from core.users where id = any ($1) and deleted_at is null`,
    values: [DEMO_ROLES.map((role) => userId(code, role))],
  });
  const living = new Set(rows.map(({ id }) => id));
  return (role) => {
    const id = userId(code, role);
    return living.has(id) ? id : undefined;
  };
}

/** `new 11 · contacted 11 …` and how many are nobody's. */
function byStatus(rows: readonly Row[]): string {
  const counts = new Map<string, number>();
  for (const { status } of rows) counts.set(String(status), (counts.get(String(status)) ?? 0) + 1);
  const ownerless = rows.filter(({ owner_id }) => owner_id === null).length;
  return [
    ...[...counts].map(([status, count]) => `${status} ${String(count)}`),
    `without owner ${String(ownerless)}`,
  ].join(' · ');
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** When the record with this number was made: one or two a day backwards from now, none at the same moment. */
export const madeAt = (number: number): string =>
  new Date(Date.now() - number * 0.6 * DAY_MS - ((number * 7) % 24) * HOUR_MS).toISOString();

/** Whose it is, in turn: executive, manager, admin, and now and then nobody. */
export function ownerInTurn(number: number, owners: Owners): string | null {
  const turn: (DemoRole | null)[] = ['executive', 'executive', 'manager', 'admin', 'executive', 'manager', null];
  const role = turn[number % turn.length] ?? null;
  return role === null ? null : (owners(role) ?? null);
}
