import type { Module } from './modules.js';

/** Why a tenant may use a module now. */
export type EntitledBy = 'always_on' | 'by_role' | 'override' | 'plan' | 'trial';
/** Why it may not. */
export type NotEntitledBy = 'disabled' | 'subscription_canceled' | 'past_due' | 'trial_expired' | 'not_in_plan';
export type EntitlementReason = EntitledBy | NotEntitledBy;

/** What the decision depends on. Times are milliseconds since the epoch; keys of modules are lower case. */
export interface EntitlementFacts {
  /** The organization's own switches, over its plan in both directions. */
  readonly enabledModules: Readonly<Record<string, boolean>>;
  /** null: it never had one. */
  readonly subscription: Subscription | null;
  /** The modules of the plan that it subscribes to. */
  readonly planModules: ReadonlySet<string>;
  /** What is left to somebody who does not pay. */
  readonly freeModules: ReadonlySet<string>;
  /** When the trial of a module ends or ended, by module; a trial is taken once for ever. */
  readonly trials: ReadonlyMap<string, number>;
  readonly now: number;
}

export interface Subscription {
  readonly status: 'trialing' | 'active' | 'past_due' | 'canceled';
  /** Since when it is past due; null leaves it in its days of grace. */
  readonly pastDueAt: number | null;
}

export interface Entitlement {
  readonly entitled: boolean;
  readonly reason: EntitlementReason;
  /** The answer holds before this time; left out where no clock changes it. */
  readonly validUntil?: number;
}

/** Milliseconds for which a tenant that is past due keeps its plan. */
export const PAST_DUE_GRACE = 7 * 24 * 60 * 60 * 1000;

/** Whether an organization may use a module now (modules.md, "Decision for module M"): the first rule that matches wins. */
export function decideEntitlement(module: Module, facts: EntitlementFacts): Entitlement {
  const { key, kind } = module;
  if (kind === 'always_on' || kind === 'by_role') return yes(kind);
  const override = Object.hasOwn(facts.enabledModules, key) ? facts.enabledModules[key] : undefined;
  if (override === false) return no('disabled');

  const graceEnds = endOfGrace(facts.subscription);
  const unpaid = unpaidBy(facts.subscription, graceEnds, facts.now);
  if (unpaid) return facts.freeModules.has(key) ? yes('plan') : no(unpaid);

  if (override === true) return yes('override', graceEnds);
  if (facts.planModules.has(key)) return yes('plan', graceEnds);
  const trialEnds = facts.trials.get(key);
  if (trialEnds === undefined) return no('not_in_plan', graceEnds);
  return facts.now < trialEnds ? yes('trial', earlier(trialEnds, graceEnds)) : no('trial_expired', graceEnds);
}

/** The first moment after the days of grace; undefined when none are running. */
function endOfGrace(subscription: Subscription | null): number | undefined {
  if (subscription?.status !== 'past_due' || subscription.pastDueAt === null) return undefined;
  return subscription.pastDueAt + PAST_DUE_GRACE + 1;
}

function unpaidBy(subscription: Subscription | null, graceEnds: number | undefined, now: number) {
  if (subscription?.status === 'canceled') return 'subscription_canceled';
  return graceEnds !== undefined && now >= graceEnds ? 'past_due' : undefined;
}

const yes = (reason: EntitledBy, validUntil?: number): Entitlement => answer(true, reason, validUntil);
const no = (reason: NotEntitledBy, validUntil?: number): Entitlement => answer(false, reason, validUntil);
const answer = (entitled: boolean, reason: EntitlementReason, validUntil: number | undefined): Entitlement =>
  validUntil === undefined ? { entitled, reason } : { entitled, reason, validUntil };
const earlier = (a: number, b: number | undefined): number => (b === undefined ? a : Math.min(a, b));
