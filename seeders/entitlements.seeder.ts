import { MODULES } from '../src/platform/access/index.js';
import { PLANS, type PlanData } from './data/plans.js';
import { insertMissing, onCore } from './rows.js';
import { madeOrThere, type Seeder, type Seeding, type Step } from './seeder.js';
import { stableId } from './stable-id.js';

/** Plans are changed through the API, so one that is there stays as it is. */
export const entitlements: Seeder = {
  name: 'entitlements',
  about: 'the plans free, starter, professional and enterprise, over the module registry',
  dependsOn: [],
  demo: false,
  run: ({ platform }: Seeding) =>
    onCore(platform, async (run) => {
      const made = await insertMissing(run, 'core.plans', PLANS.map(planRow));
      return [
        ...PLANS.map((plan) => madeOrThere(made.has(planId(plan)), `entitlement profile: ${plan.name}`, holdsOf(plan))),
        registryStep(),
      ];
    }),
};

const planId = ({ code }: PlanData): string => stableId('plan', code);
const planRow = (plan: PlanData) => ({
  id: planId(plan),
  plan_code: plan.code,
  plan_name: plan.name,
  modules: plan.modules,
  trial_modules: plan.trials,
  limits: plan.limits,
  price: plan.price,
  currency: 'USD',
  billing_period: 'month',
});

function holdsOf({ modules, trials, limits, price }: PlanData): string {
  const count = (limit: number | null) => (limit === null ? 'no limit of' : limit.toLocaleString('en-US'));
  const gib = limits.storage_bytes === null ? null : limits.storage_bytes / 1024 ** 3;
  return [
    modules.join(', '),
    ...Object.entries(trials).map(([module, days]) => `${module} as a ${String(days)}-day trial`),
    `${count(limits.users)} users`,
    `${count(gib)} GiB`,
    `${count(limits.api_calls_per_minute)} calls a minute`,
    `${count(limits.api_calls_per_month)} calls a month`,
    `USD ${price} a month`,
  ].join(' · ');
}

/** The registry is code, not rows; what it says of the modules that no plan lists is told here. */
function registryStep(): Step {
  const of = (kind: string) => MODULES.filter((module) => module.kind === kind).map(({ key }) => key);
  return {
    done: 'there',
    what: `module registry: ${String(MODULES.length)} modules`,
    holds: `always on ${of('always_on').join(', ')} · by role ${of('by_role').join(', ')} · features ${of('feature').join(', ')}`,
  };
}
