import { defineEntity, p } from '@mikro-orm/postgresql';
import { decimal, id, oneOf, stamps, version } from '../../platform/database/index.js';

/** Global: what a license tier includes. `trialModules` is module → days; a limit that is null is none. */
const PlanSchema = defineEntity({
  name: 'Plan',
  schema: 'core',
  tableName: 'plans',
  checks: [oneOf('plans', 'billing_period', ['month', 'year'])],
  uniques: [{ name: 'plans_plan_code_key', properties: ['planCode'] }],
  properties: {
    ...id,
    planCode: p.string().length(50),
    planName: p.string().length(100),
    modules: p.json<string[]>().defaultRaw(`'[]'`),
    trialModules: p.json<Record<string, number>>().defaultRaw(`'{}'`),
    features: p.json<string[]>().defaultRaw(`'[]'`),
    limits: p.json<Record<string, number | null>>().defaultRaw(`'{}'`),
    price: decimal(18, 2).default('0.00'),
    currency: p.character().length(3).default('USD'),
    billingPeriod: p.string().length(10).default('month'),
    ...version,
    ...stamps,
  },
});
export class Plan extends PlanSchema.class {}
PlanSchema.setClass(Plan);
