import type { Layer } from '../../common/problem.js';
import { describeAccess, type AccessDescription, type ProtectedAccess } from './access.js';
import { PASS, type AccessLayer, type Caller, type Verdict } from './layer.js';
import { ModuleEntitlement } from './module-entitlement.js';
import { RolePermission } from './role-permission.js';
import { TenantScope } from './tenant-scope.js';

/** The order of the layers, which is never another. */
const LAYERS: readonly AccessLayer[] = [new TenantScope(), new ModuleEntitlement(), new RolePermission()];

/** The first refusal, or a pass. */
export function decide(access: ProtectedAccess, caller: Caller): Verdict {
  for (const layer of LAYERS) {
    const verdict = layer.judge(access, caller);
    if (!verdict.passed) return verdict;
  }
  return PASS;
}

/** What one layer was asked, what it found, and what it answered. */
export interface LayerExplanation {
  readonly layer: Layer;
  readonly question: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly answer: AnswerExplanation;
}

export interface AnswerExplanation {
  readonly passed: boolean;
  readonly because?: string;
  readonly status?: number;
  readonly code?: string;
  readonly required?: string;
  readonly reason?: string;
}

export interface Explanation {
  readonly access: AccessDescription;
  /** every layer, also those behind the one that refuses */
  readonly layers: readonly LayerExplanation[];
  /** what a request would be answered */
  readonly verdict: AnswerExplanation & { readonly layer?: Layer };
}

/** Asks the same layers the same, and tells of each. */
export function explain(access: ProtectedAccess, caller: Caller): Explanation {
  const layers = LAYERS.map((each): LayerExplanation => ({
    layer: each.layer,
    question: each.question(access, caller),
    facts: each.facts(access, caller),
    answer: told(each.judge(access, caller)),
  }));
  const verdict = decide(access, caller);
  return {
    access: describeAccess(access),
    layers,
    verdict: verdict.passed ? told(verdict) : { ...told(verdict), layer: verdict.layer },
  };
}

function told(verdict: Verdict): AnswerExplanation {
  if (verdict.passed) return verdict;
  const { problem, layer: _, ...rest } = verdict;
  const { status, code } = problem.definition;
  return { ...rest, status, code };
}
