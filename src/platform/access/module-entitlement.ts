import { NotEntitled, TrialExpired } from '../../common/problems.js';
import type { ProtectedAccess } from './access.js';
import { PASS, type AccessLayer, type Caller, type Pass, type Verdict } from './layer.js';

/** Layer 2: may this tenant use this module now? */
export class ModuleEntitlement implements AccessLayer {
  readonly layer = 'entitlement';

  question(access: ProtectedAccess): string {
    return access.kind === 'permission' && access.module !== null
      ? `May this tenant use ${access.module} now?`
      : 'Is there a module to ask for?';
  }

  facts(access: ProtectedAccess, { snapshot }: Caller): Record<string, unknown> {
    if (access.kind !== 'permission') return { module: null };
    const { module, moduleNumber } = access;
    const reason = module === null ? undefined : snapshot.tenant?.modules.reasonOf(moduleNumber);
    return { module, reason: reason ?? null, platform_user: snapshot.platform };
  }

  judge(access: ProtectedAccess, { snapshot }: Caller): Verdict {
    if (access.kind !== 'permission' || access.module === null) return NO_MODULE;
    if (snapshot.platform) return PLATFORM;
    const { module, moduleNumber } = access;
    const { tenant } = snapshot;
    if (tenant?.modules.has(moduleNumber) === true) return PASS;
    const reason = tenant?.modules.reasonOf(moduleNumber) ?? 'not_in_plan';
    const problem = reason === 'trial_expired' ? TrialExpired : NotEntitled;
    return { passed: false, layer: 'entitlement', problem, required: module, reason };
  }
}

const NO_MODULE: Pass = { passed: true, because: 'the route stands behind no module' };
const PLATFORM: Pass = { passed: true, because: 'a platform user is bound by no entitlement' };
