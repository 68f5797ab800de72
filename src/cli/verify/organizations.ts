import { messageOf } from '../../common/errors.js';
import { type EntitlementFacts, isModule, ModuleSet } from '../../platform/access/index.js';
import { nameOfPlace, type Pools } from '../../platform/database/index.js';
import type { Tenancy } from '../../platform/tenancy/index.js';
import { type Row, row, type Section } from './section.js';

interface Organization {
  readonly id: string;
  readonly code: string;
  readonly status: string;
  readonly license_tier: string;
  readonly enabled_modules: Readonly<Record<string, boolean>>;
  readonly epoch: number;
  readonly plan: string | null;
  readonly subscription: 'trialing' | 'active' | 'past_due' | 'canceled' | null;
  readonly past_due_at: number | null;
  readonly plan_modules: readonly string[] | null;
  readonly free_modules: readonly string[] | null;
  readonly trials: Readonly<Record<string, number>> | null;
  readonly server: string | null;
  readonly database: string;
  readonly schema: string | null;
  readonly location: string | null;
}
interface Fence {
  readonly state: string;
  readonly epoch: number;
}
const ORGANIZATIONS = `select o.id, o.tenant_code as code, o.status, o.license_tier, o.enabled_modules, o.epoch,
    s.plan_code as plan, s.status as subscription, (extract(epoch from s.past_due_at) * 1000)::float8 as past_due_at, p.modules as plan_modules,
    (select modules from core.plans where plan_code = 'free') as free_modules,
    (select json_object_agg(t.module, extract(epoch from t.ends_at) * 1000) from core.module_trials t where t.organization_id = o.id) as trials,
    l.server, coalesce(l.database_name, current_database()) as database, l.schema_name as schema, l.status as location
  from core.organizations o
  left join core.subscriptions s on s.organization_id = o.id and s.deleted_at is null
  left join core.plans p on p.plan_code = s.plan_code
  left join core.locations l on l.id = o.location_id
  where o.deleted_at is null order by o.created_at, o.tenant_code`;

/** Every organization's modules and tier, its place behind the fence, and how many records it has there. */
export async function organizations(pools: Pools, tenancy: Tenancy): Promise<Section> {
  const { rows: found } = await pools.get('platform').query<Organization>(ORGANIZATIONS);
  const rows: Row[] = [];
  for (const organization of found) rows.push(await organizationRow(pools, tenancy, organization));
  return {
    title: 'Organizations',
    headings: ['tenant', 'status', 'tier', 'place', 'records', 'modules'],
    rows,
  };
}

async function organizationRow(pools: Pools, tenancy: Tenancy, organization: Organization): Promise<Row> {
  const { code, status, license_tier: tier, plan, location, enabled_modules: enabled } = organization;
  const { records, fault } = await insideOf(pools, tenancy, organization);
  const unknown = Object.keys(enabled).filter((module) => !isModule(module));
  return row(
    [code, status, tier, placeOf(pools, organization), records, modulesOf(organization)],
    plan === null && 'it has no subscription',
    plan !== null && plan !== tier && `its tier is ${tier} and its subscription's plan ${plan}`,
    location !== 'ready' && `its location is ${location ?? 'not there'}`,
    fault,
    unknown.length > 0 && `it switches modules that there are not: ${unknown.join(', ')}`,
  );
}

function placeOf({ servers }: Pools, { server, database, schema }: Organization): string {
  if (server === null || schema === null) return 'none';
  return nameOfPlace({ plane: 'tenant', server, database, schema }, servers.main);
}

/** What is at its location; a database that cannot be asked is its tenant's fault alone. */
async function insideOf(pools: Pools, tenancy: Tenancy, organization: Organization) {
  const { id, epoch, server, database, schema } = organization;
  const unknown = 'unknown';
  if (server === null || schema === null) return { records: unknown, fault: 'it has no location' };
  try {
    const platform = pools.get('platform', { server, database });
    const { rows } = await platform.query<Fence>('select state, epoch from tenancy.fence where organization_id = $1', [
      id,
    ]);
    const fault = fenceFault(rows[0], epoch);
    if (fault !== undefined) return { records: unknown, fault };
    return { records: await recordsOf(platform, tenancy, id, schema), fault };
  } catch (error) {
    return {
      records: unknown,
      fault: `its location cannot be asked: ${messageOf(error)}`,
    };
  }
}

function fenceFault(fence: Fence | undefined, epoch: number): string | undefined {
  if (fence === undefined) return 'it is not at the fence of its location';
  if (fence.state === 'active' && fence.epoch === epoch) return undefined;
  return `its fence is ${fence.state} at epoch ${String(fence.epoch)}, it at ${String(epoch)}`;
}

/** What it may use besides what everybody may; trials and switches are told. */
function modulesOf(organization: Organization): string {
  const { enabled_modules: enabledModules, subscription, past_due_at: pastDueAt } = organization;
  const facts: EntitlementFacts = {
    enabledModules,
    subscription: subscription && { status: subscription, pastDueAt },
    planModules: new Set(organization.plan_modules),
    freeModules: new Set(organization.free_modules),
    trials: new Map(Object.entries(organization.trials ?? {})),
    now: Date.now(),
  };
  return ModuleSet.decide(facts)
    .modules.list()
    .filter(({ entitled, reason }) => entitled && reason !== 'always_on' && reason !== 'by_role')
    .map(({ module, reason }) => (reason === 'plan' ? module : `${module} (${reason})`))
    .join(', ');
}

/** Counted from inside, past fence and policies: what the tenant itself would see. */
async function recordsOf(
  platform: ReturnType<Pools['get']>,
  tenancy: Tenancy,
  id: string,
  schema: string,
): Promise<string> {
  const { rows: tables } = await platform.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = $1::regnamespace and relkind = 'r' and not relispartition
      and relname not in ('idempotency_keys', 'outbox', 'counters') order by 1`,
    [schema],
  );
  if (tables.length === 0) return 'no tables';
  const counts = await tenancy.run(id, () =>
    tenancy.read<{ name: string; count: number }>({
      text: tables
        .map(({ name }) => `select '${name}' as name, count(*)::int as count from ${name}`)
        .join(' union all '),
      values: [],
    }),
  );
  return counts.map(({ name, count }) => `${name} ${String(count)}`).join(', ');
}
