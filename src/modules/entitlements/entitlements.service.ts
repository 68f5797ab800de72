import { Injectable } from '@nestjs/common';
import { type FieldFault, NotFound, ValidationFailed } from '../../common/problem.js';
import { isoTime } from '../../common/time.js';
import { findModule, ModuleSet } from '../../platform/access/index.js';
import { currentScope } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { Entitlements } from './entitlements.dto.js';

/** One row of what the decision on every module of an organization depends on, as the snapshot's statement reads it. */
const FACTS = {
  name: 'entitlements',
  text: `select extract(epoch from now())::float8 * 1000 as now, o.enabled_modules,
      (select jsonb_build_object('status', s.status, 'pastDueAt', extract(epoch from s.past_due_at) * 1000)
        from core.subscriptions s where s.organization_id = o.id and s.deleted_at is null) as subscription,
      (select p.modules from core.subscriptions s join core.plans p using (plan_code)
        where s.organization_id = o.id and s.deleted_at is null) as plan_modules,
      (select p.modules from core.plans p where p.plan_code = 'free') as free_modules,
      coalesce((select jsonb_object_agg(t.module, t.ends_at) from core.module_trials t where t.organization_id = o.id), '{}') as trials
    from core.organizations o where o.id = $1 and o.deleted_at is null`,
};
interface Facts {
  readonly now: number;
  readonly enabled_modules: Record<string, boolean>;
  readonly subscription: {
    readonly status: 'trialing' | 'active' | 'past_due' | 'canceled';
    readonly pastDueAt: number | null;
  } | null;
  readonly plan_modules: readonly string[] | null;
  readonly free_modules: readonly string[] | null;
  readonly trials: Readonly<Record<string, string>>;
}

/** Faults told at once. */
const MAX_FAULTS = 100;

/** What a tenant may use: decided by the code that decides on requests. */
@Injectable()
export class EntitlementsService {
  constructor(private readonly platform: PlatformUnit) {}

  /** Of the caller's own tenant, or of any for the platform's people. @throws NotFound */
  async get(organizationId: string): Promise<Entitlements> {
    const { snapshot } = currentScope();
    if (snapshot?.platform !== true && snapshot?.organizationId !== organizationId) throw NotFound();
    return this.of(organizationId);
  }

  /** Replaces the switches. @throws NotFound; ValidationFailed at each that names no module or is no boolean */
  set(organizationId: string, switches: Readonly<Record<string, unknown>>): Promise<Entitlements> {
    const after = normalized(switches);
    return this.platform.transaction(async (work) => {
      const [changed] = await work.query<{ before: object }>({
        text: `with had as (select id, enabled_modules from core.organizations where id = $1 and deleted_at is null for update)
          update core.organizations o set enabled_modules = $2::jsonb, version = version + 1, updated_at = now(), updated_by = $3
          from had where o.id = had.id and had.enabled_modules <> $2::jsonb returning had.enabled_modules as before`,
        values: [organizationId, JSON.stringify(after), currentScope().actor.id],
      });
      if (changed !== undefined)
        await work.audit({
          organizationId,
          action: 'update',
          resource: 'organizations',
          resourceId: organizationId,
          changes: { before: { enabled_modules: changed.before }, after: { enabled_modules: after } },
        });
      return this.of(organizationId);
    });
  }

  /** For features that ask on their own account. @throws NotFound */
  async of(organizationId: string): Promise<Entitlements> {
    const [facts] = await this.platform.query<Facts>({ ...FACTS, values: [organizationId] });
    if (facts === undefined) throw NotFound();
    const { enabled_modules, free_modules, now, plan_modules, subscription, trials } = facts;
    const { modules } = ModuleSet.decide({
      enabledModules: enabled_modules,
      subscription,
      planModules: new Set(plan_modules),
      freeModules: new Set(free_modules),
      trials: new Map(Object.entries(trials).map(([module, ends]) => [module, Date.parse(ends)])),
      now,
    });
    return {
      enabled_modules,
      modules: modules.list().map((state) => {
        const ends = trials[state.module];
        return { ...state, trial_ends_at: ends === undefined ? null : isoTime(ends) };
      }),
    };
  }
}

/** Keys as the registry has them: compared without case. */
function normalized(switches: Readonly<Record<string, unknown>>): Record<string, boolean> {
  const faults: FieldFault[] = [];
  const known: Record<string, boolean> = {};
  for (const [key, value] of Object.entries(switches)) {
    const module = findModule(key);
    const path = `enabled_modules.${key.slice(0, 50)}`;
    if (module === undefined) faults.push({ path, code: 'unknown_module', message: 'is no module' });
    else if (typeof value !== 'boolean') faults.push({ path, code: 'is_boolean', message: 'must be true or false' });
    else if (module.key in known) faults.push({ path, code: 'is_twice', message: `is ${module.key} once more` });
    else known[module.key] = value;
  }
  if (faults.length > 0) throw ValidationFailed({ errors: faults.slice(0, MAX_FAULTS) });
  return known;
}
