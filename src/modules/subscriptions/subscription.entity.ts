import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  coreWall,
  id,
  instant,
  oneOf,
  reference,
  softDelete,
  stamps,
  tenantFilter,
  version,
} from '../../platform/database/index.js';
import { Organization } from '../../platform/tenancy/index.js';
import { Plan } from './plan.entity.js';

const organization = () => reference(Organization, { organization_id: 'id' });

/** One living row an organization: it decides the plan, `organizations.license_tier` is its copy. */
const SubscriptionSchema = defineEntity({
  name: 'Subscription',
  schema: 'core',
  tableName: 'subscriptions',
  ...coreWall,
  filters: tenantFilter,
  checks: [oneOf('subscriptions', 'status', ['trialing', 'active', 'past_due', 'canceled'])],
  uniques: [{ name: 'subscriptions_organization_id_key', properties: ['organizationId'], where: 'deleted_at is null' }],
  properties: {
    ...id,
    organizationId: p.uuid(),
    organization,
    planCode: p.string().length(50),
    plan: () => reference(Plan, { plan_code: 'plan_code' }).columnTypes('varchar(50)'),
    status: p.string().length(10).default('active').$type<'trialing' | 'active' | 'past_due' | 'canceled'>(),
    currentPeriodStart: instant().nullable(),
    currentPeriodEnd: instant().nullable(),
    trialEndsAt: instant().nullable(),
    pastDueAt: instant().nullable(),
    canceledAt: instant().nullable(),
    cancelAtPeriodEnd: p.boolean().default(false),
    seats: p.integer().nullable(),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class Subscription extends SubscriptionSchema.class {}
SubscriptionSchema.setClass(Subscription);

/** A trial is taken once for ever. */
const ModuleTrialSchema = defineEntity({
  name: 'ModuleTrial',
  schema: 'core',
  tableName: 'module_trials',
  ...coreWall,
  filters: tenantFilter,
  uniques: [{ name: 'module_trials_organization_id_module_key', properties: ['organizationId', 'module'] }],
  properties: {
    ...id,
    organizationId: p.uuid(),
    organization,
    module: p.string().length(50),
    startedAt: instant().defaultRaw('now()'),
    endsAt: instant(),
    ...stamps,
  },
});
export class ModuleTrial extends ModuleTrialSchema.class {}
ModuleTrialSchema.setClass(ModuleTrial);
