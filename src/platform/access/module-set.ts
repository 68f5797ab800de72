import { decideEntitlement, type EntitlementFacts, type EntitlementReason } from './entitlement.js';
import { WeakValues } from './weak-values.js';
import { MODULES } from './modules.js';

const numbers = new Map(MODULES.map(({ key }, number) => [key, number]));

/** The number of a module of the registry, by which a `ModuleSet` is asked; undefined for none. */
export const moduleNumber = (key: string): number | undefined => numbers.get(key);

/** Whether a tenant may use each module, and why. Equal sets are the same object, shared by all tenants on the same terms. */
export class ModuleSet {
  private readonly entitledTo: readonly boolean[];

  private constructor(private readonly reasons: readonly EntitlementReason[]) {
    this.entitledTo = reasons.map((reason) => ENTITLED[reason]);
  }

  /** The decision for every module of the registry, and when the first of them changes by the clock (Infinity: never). */
  static decide(facts: EntitlementFacts): { modules: ModuleSet; validUntil: number } {
    const decisions = MODULES.map((module) => decideEntitlement(module, facts));
    const reasons = decisions.map(({ reason }) => reason);
    return {
      modules: shared.getOrMake(reasons.join(), () => new ModuleSet(reasons)),
      validUntil: Math.min(...decisions.map(({ validUntil = Infinity }) => validUntil)),
    };
  }

  has(number: number): boolean {
    return this.entitledTo[number] ?? false;
  }

  reasonOf(number: number): EntitlementReason {
    return this.reasons[number] ?? 'not_in_plan';
  }

  /** All modules in the registry's order, with the verdict on each. */
  list(): { module: string; entitled: boolean; reason: EntitlementReason }[] {
    return MODULES.map(({ key }, number) => ({
      module: key,
      entitled: this.has(number),
      reason: this.reasonOf(number),
    }));
  }
}

const ENTITLED: Record<EntitlementReason, boolean> = {
  always_on: true,
  by_role: true,
  override: true,
  plan: true,
  trial: true,
  disabled: false,
  subscription_canceled: false,
  past_due: false,
  trial_expired: false,
  not_in_plan: false,
};

const shared = new WeakValues<ModuleSet>();
