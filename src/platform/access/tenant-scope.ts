import {
  TenantMismatch,
  TenantRequired,
  TenantSuspended,
  Unauthenticated,
  Unavailable,
} from '../../common/problems.js';
import type { ProblemFactory } from '../../common/problem.js';
import type { ProtectedAccess } from './access.js';
import { PASS, type AccessLayer, type Caller, type Pass, type Refusal, type Verdict } from './layer.js';
import type { TenantFacts, TenantStatus } from './snapshot.js';

/** Layer 1: which tenant, is it alive, is the caller alive in it? */
export class TenantScope implements AccessLayer {
  readonly layer = 'tenant';

  question(access: ProtectedAccess): string {
    const need = access.tenant === 'optional' ? 'Which tenant, if any' : 'Which tenant';
    return `${need}, is it alive, and is the caller alive in it?`;
  }

  facts(_: ProtectedAccess, { snapshot, named, host }: Caller): Record<string, unknown> {
    const { tenant, standing } = snapshot;
    return {
      tenant_id: tenant?.organizationId ?? null,
      tenant_code: tenant?.code ?? null,
      tenant_status: tenant?.status ?? null,
      named: named ?? null,
      named_by_host: host,
      platform_user: standing.platform,
      user_status: standing.userStatus,
      member_status: standing.memberStatus,
    };
  }

  judge(access: ProtectedAccess, { snapshot, named, host }: Caller): Verdict {
    if (!snapshot.alive) return DEAD;
    const { tenant, platform } = snapshot;
    if (tenant === null) {
      if (!platform) return DEAD;
      // a path that names none is judged behind the layers: it is the last thing to be told of
      return access.tenant === 'required' ? NOT_NAMED : NO_TENANT;
    }
    // holds for a platform user by itself: he acts in the tenant that he names
    if (named !== undefined && !names(named, tenant)) return MISMATCH;
    if (host !== null && host !== tenant.organizationId) return MISMATCH;
    // whoever looks after tenants reaches those that are shut
    if (platform && access.tenant === 'optional') return PASS;
    return BY_STATUS[tenant.status];
  }
}

/** By code or id, in either case. */
function names(named: string, { organizationId, code }: TenantFacts): boolean {
  if (named === code || named === organizationId) return true;
  const lower = named.toLowerCase();
  return lower === code.toLowerCase() || lower === organizationId;
}

const refusal = (problem: ProblemFactory, reason?: string): Refusal =>
  reason === undefined
    ? { passed: false, layer: 'tenant', problem }
    : { passed: false, layer: 'tenant', problem, reason };

const DEAD = refusal(Unauthenticated);
const NOT_NAMED = refusal(TenantRequired);
const MISMATCH = refusal(TenantMismatch);
const NO_TENANT: Pass = { passed: true, because: 'a platform user needs no tenant here' };
const BY_STATUS: Record<TenantStatus, Verdict> = {
  active: PASS,
  suspended: refusal(TenantSuspended),
  inactive: refusal(TenantSuspended, 'inactive'),
  unavailable: refusal(Unavailable),
};
