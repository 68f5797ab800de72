import { locationName, ownPlace } from '../src/modules/tenants/index.js';
import { MAIN_SERVER } from '../src/platform/database/index.js';
import { domainOf, type Isolation, type OrganizationData, ORGANIZATIONS } from './data/organizations.js';
import { PLANS } from './data/plans.js';
import { audit, entryOf, insertMissing, type Row, type Run } from './rows.js';
import { madeOrThere, type Step } from './seeder.js';
import { stableId } from './stable-id.js';

export const organizationId = (code: string): string => stableId('organization', code);

/**
 * The organizations with their subscriptions and their trials: those in the shared tables with their place behind the
 * fence, the others with a location that is still to be made.
 */
export async function demoOrganizations(
  run: Run,
  sharedSchema: string,
  isolationOf: (organization: OrganizationData) => Isolation,
): Promise<Step[]> {
  const shared = await sharedLocation(run, sharedSchema);
  const missing = await missingOf(run);
  const locations = missing.flatMap((organization) => locationRow(organization, isolationOf(organization)) ?? []);
  await insertMissing(run, 'core.locations', locations);
  const own = new Set(locations.map(({ id }) => id));
  const rows = missing.map((organization) => {
    const location = locationId(organization);
    return organizationRow(organization, own.has(location) ? location : shared);
  });
  const made = await insertMissing(run, 'core.organizations', rows);
  await run({
    text: `insert into tenancy.fence (organization_id, epoch, state) select o.id, o.epoch, 'active' from core.organizations o
      where o.id = any ($1) and o.location_id = $2 on conflict do nothing`,
    values: [[...made], shared],
  });
  const ours = await livingOf(run);
  await insertMissing(run, 'core.subscriptions', ours.map(subscriptionRow));
  const steps = ORGANIZATIONS.map((organization) => organizationStep(organization, made, ours));
  const trials = await Promise.all(ours.flatMap((organization) => trialsOf(run, organization)));
  return [...steps, ...trials];
}

/** The demo organizations that are there and not deleted: those this seeder once made, whatever became of them. */
async function livingOf(run: Run): Promise<OrganizationData[]> {
  const rows = await run<{ id: string }>({
    text: `select id from core.organizations where id = any ($1) and deleted_at is null`,
    values: [ORGANIZATIONS.map(({ code }) => organizationId(code))],
  });
  const ids = new Set(rows.map(({ id }) => id));
  return ORGANIZATIONS.filter(({ code }) => ids.has(organizationId(code)));
}

/** Those whose id and code nobody has yet, and that were not purged: only they get a location. */
async function missingOf(run: Run): Promise<OrganizationData[]> {
  const rows = await run<{ id: string; code: string }>({
    text: `select id, tenant_code_lower as code from core.organizations where id = any ($1) or tenant_code_lower = any ($2)
      union all select id, lower(code) from core.tombstones where kind = 'tenant' and id = any ($1)`,
    values: [ORGANIZATIONS.map(({ code }) => organizationId(code)), ORGANIZATIONS.map(({ code }) => code)],
  });
  const ids = new Set(rows.map(({ id }) => id));
  const codes = new Set(rows.map(({ code }) => code));
  return ORGANIZATIONS.filter(({ code }) => !ids.has(organizationId(code)) && !codes.has(code));
}

const locationId = ({ code }: OrganizationData): string => stableId('location', code);

/** undefined: the shared one. */
function locationRow(organization: OrganizationData, isolation: Isolation) {
  if (isolation === 'shared') return undefined;
  const { code } = organization;
  const { databaseName, schemaName } = ownPlace(isolation, MAIN_SERVER, locationName(code, organizationId(code)));
  const place = { server: MAIN_SERVER, database_name: databaseName, schema_name: schemaName };
  return { id: locationId(organization), isolation, ...place, status: 'provisioning' };
}

async function sharedLocation(run: Run, schema: string): Promise<string> {
  const [row] = await run<{ id: string }>({
    text: `select id from core.locations where isolation = 'shared' and server = 'main' and database_name is null and schema_name = $1`,
    values: [schema],
  });
  if (row === undefined) throw new Error(`there is no shared location ${schema} yet: run "tenantry migrate" first`);
  return row.id;
}

const organizationRow = (
  { code, name, tier, status, enabledModules, settings }: OrganizationData,
  locationId: string,
) => ({
  id: organizationId(code),
  tenant_code: code,
  tenant_name: name,
  domain: domainOf(code),
  subdomain: code,
  settings,
  status,
  license_tier: tier,
  enabled_modules: enabledModules,
  location_id: locationId,
  epoch: 1,
  admin_email: `admin@${domainOf(code)}`,
});

function subscriptionRow({ code, tier }: OrganizationData) {
  const start = new Date();
  const end = new Date(start);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return {
    id: stableId('subscription', code),
    organization_id: organizationId(code),
    plan_code: tier,
    status: 'active',
    current_period_start: start.toISOString(),
    current_period_end: end.toISOString(),
    cancel_at_period_end: false,
  };
}

function organizationStep(organization: OrganizationData, made: Set<string>, ours: readonly OrganizationData[]): Step {
  const { code, name, tier, status, enabledModules } = organization;
  const what = `organization: ${name}`;
  if (!ours.includes(organization))
    return { done: 'skipped', what, holds: `its code ${code} belongs to another organization, or it was deleted` };
  const switched = Object.entries(enabledModules).map(([module, on]) => `${module} ${on ? 'on' : 'off'}`);
  return madeOrThere(
    made.has(organizationId(code)),
    what,
    [code, tier, status, ...switched, domainOf(code)].join(' · '),
  );
}

/** The trials that the plan offers, from today on: a demo trial never runs out for good. */
const trialsOf = (run: Run, { code, tier }: OrganizationData): Promise<Step>[] =>
  Object.entries(PLANS.find((plan) => plan.code === tier)?.trials ?? {}).map(async ([module, days]): Promise<Step> => {
    const [row] = await run<Row & { ends_at: string; was: Row | null }>({
      text: `with was as (select to_jsonb(t) as row from core.module_trials t where organization_id = $2 and module = $3)
        insert into core.module_trials (id, organization_id, module, started_at, ends_at)
        values ($1, $2, $3, now(), now() + make_interval(days => $4)) on conflict (organization_id, module)
        do update set started_at = excluded.started_at, ends_at = excluded.ends_at, updated_at = now()
        returning id, organization_id, module, started_at, ends_at, (select row from was) as was`,
      values: [stableId('trial', code, module), organizationId(code), module, days],
    });
    if (row === undefined) throw new Error(`the trial of ${module} for ${code} was not written`);
    const { was, ...after } = row;
    const entry =
      was === null
        ? entryOf('core.module_trials', 'create', { after })
        : entryOf('core.module_trials', 'update', { before: was, after });
    await audit(run, 'core.module_trials', [entry]);
    return {
      done: was === null ? 'created' : 'renewed',
      what: `trial: ${module} for ${code}`,
      holds: `until ${row.ends_at.slice(0, 10)}`,
    };
  });
