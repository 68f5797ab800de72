import type { Layer, Problem, ProblemFactory, ProblemOptions } from '../../common/problem.js';
import type { ProtectedAccess } from './access.js';
import type { Snapshot } from './snapshot.js';

/** Who asks, and how. */
export interface Caller {
  readonly snapshot: Snapshot;
  /** The tenant that the request names by its header, a platform user's also by path or body; undefined for none. */
  readonly named: string | undefined;
  /** The id of the tenant that the host names; null for none, and for a platform user, to whom hosts mean nothing. */
  readonly host: string | null;
  /** An API key, not a person who signed in. */
  readonly byKey: boolean;
}

export interface Pass {
  readonly passed: true;
  /** why nothing was asked, for explain */
  readonly because?: string;
}

export interface Refusal {
  readonly passed: false;
  readonly layer: Layer;
  readonly problem: ProblemFactory;
  /** the module or permission that is missing */
  readonly required?: string;
  readonly reason?: string;
}

export type Verdict = Pass | Refusal;

/** One of the three layers: one question, decided from the snapshot alone, without a query. */
export interface AccessLayer {
  readonly layer: Layer;
  /** For explain: what is asked of this access. */
  question(access: ProtectedAccess, caller: Caller): string;
  /** For explain: what the answer stands on. */
  facts(access: ProtectedAccess, caller: Caller): Readonly<Record<string, unknown>>;
  judge(access: ProtectedAccess, caller: Caller): Verdict;
}

export const PASS: Pass = { passed: true };

/** What the caller is told of a refusal. */
export function problemOf({ problem, required, reason }: Refusal): Problem {
  const options: ProblemOptions = {};
  if (required !== undefined) options.required = required;
  if (reason !== undefined) options.reason = reason;
  return problem(options);
}
