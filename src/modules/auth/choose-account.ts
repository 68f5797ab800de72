import type { Account } from './accounts.js';

/** Whom the right password leads to. */
export type Choice =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'one'; readonly account: Account }
  | { readonly kind: 'several'; readonly tenantCodes: string[] };

/**
 * The account to sign in among those whose password it was: the dead do not count, and several are for the person to
 * choose from, who has proved that all are his. A platform user's has no code by which it could be chosen, while the
 * others can be named by theirs: so it comes first.
 */
export function chooseAccount(matching: readonly Account[]): Choice {
  const living = matching.filter(({ alive }) => alive);
  const chosen = living.find(({ organizationId }) => organizationId === null) ?? living[0];
  if (chosen === undefined) return { kind: 'nobody' };
  if (living.length === 1 || chosen.organizationId === null) return { kind: 'one', account: chosen };
  return { kind: 'several', tenantCodes: living.flatMap(({ tenantCode }) => tenantCode ?? []).sort() };
}
