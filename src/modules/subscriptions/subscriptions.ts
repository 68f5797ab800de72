import { Injectable } from '@nestjs/common';
import { newId } from '../../common/ids.js';
import { auditInsert, type Unit } from '../../platform/tenancy/index.js';

interface Change {
  readonly id: string;
  readonly before: object | null;
  readonly after: object;
}
interface Trial {
  readonly id: string;
  readonly module: string;
  readonly ends_at: string;
}

/** Which plan an organization has: the subscription decides, `license_tier` is its copy. */
@Injectable()
export class Subscriptions {
  /**
   * Gives an organization a plan, with the trials that it offers and that were not taken before. Within the transaction
   * that writes the copy. A plan that is not breaks the key `subscriptions_plan_code_foreign`.
   */
  async give(unit: Unit, organizationId: string, planCode: string): Promise<void> {
    const changed = await unit.write<Change>({
      text: `with had as (select id, plan_code from core.subscriptions where organization_id = $2 and deleted_at is null for update),
        made as (insert into core.subscriptions (id, organization_id, plan_code, status, current_period_start, current_period_end)
          select $1, $2, $3, 'active', now(), now() + interval '1 month' where not exists (select from had) returning id, plan_code),
        changed as (update core.subscriptions s set plan_code = $3, version = version + 1, updated_at = now()
          from had where s.id = had.id and had.plan_code <> $3 returning s.id, s.plan_code)
        select id, null as before, jsonb_build_object('plan_code', plan_code) as after from made
        union all select c.id, jsonb_build_object('plan_code', had.plan_code), jsonb_build_object('plan_code', c.plan_code) from changed c join had using (id)`,
      values: [newId(), organizationId, planCode],
    });
    const entries = changed.map(({ id, before, after }) => ({
      organizationId,
      action: before === null ? 'create' : 'update',
      resource: 'subscriptions',
      resourceId: id,
      changes: before === null ? { after } : { before, after },
    }));
    const trials = (await this.startTrials(unit, organizationId, planCode)).map(({ id, ...after }) => ({
      organizationId,
      action: 'create',
      resource: 'module_trials',
      resourceId: id,
      changes: { after },
    }));
    const all = [...entries, ...trials];
    if (all.length > 0) await unit.write(auditInsert('core.audit_log', all));
  }

  /** Once for ever: one that was taken is not given again. */
  private async startTrials(unit: Unit, organizationId: string, planCode: string): Promise<Trial[]> {
    const [plan] = await unit.read<{ trials: Record<string, number> }>({
      text: 'select trial_modules as trials from core.plans where plan_code = $1',
      values: [planCode],
    });
    const offered = Object.entries(plan?.trials ?? {});
    if (offered.length === 0) return [];
    return unit.write({
      text: `insert into core.module_trials (id, organization_id, module, started_at, ends_at)
        select t.id, $1, t.module, now(), now() + make_interval(days => t.days)
        from unnest($2::uuid[], $3::text[], $4::int[]) t (id, module, days)
        on conflict (organization_id, module) do nothing returning id, module, ends_at`,
      values: [organizationId, offered.map(newId), offered.map(([module]) => module), offered.map(([, days]) => days)],
    });
  }
}
