import { PermissionDenied, SessionRequired } from '../../common/problems.js';
import type { ProtectedAccess } from './access.js';
import { SUPER_ADMIN } from './built-in-roles.js';
import { PASS, type AccessLayer, type Caller, type Pass, type Refusal, type Verdict } from './layer.js';
import { metBy } from './permission.js';

/** Layer 3: may this user do this in it? */
export class RolePermission implements AccessLayer {
  readonly layer = 'permission';

  question(access: ProtectedAccess): string {
    switch (access.kind) {
      case 'signed_in':
        return 'Is it somebody signed in?';
      case 'platform':
        return 'Does the caller run the platform?';
      case 'permission':
        return `May the caller do what ${access.code} stands for?`;
    }
  }

  facts(access: ProtectedAccess, { snapshot, byKey }: Caller): Record<string, unknown> {
    const { standing } = snapshot;
    const facts = { role_codes: standing.roleCodes, platform_user: standing.platform, by_key: byKey };
    if (access.kind !== 'permission') return facts;
    const own = access.own === null ? {} : { own_any_of: metBy(access.own.code) };
    return { ...facts, any_of: metBy(access.code), ...own, record_scope: snapshot.scopeOf(access.bit) ?? null };
  }

  judge(access: ProtectedAccess, { snapshot, byKey }: Caller): Verdict {
    if (access.session && byKey) return NO_SESSION;
    if (access.kind === 'signed_in') return PASS;
    if (snapshot.superuser) return SUPERUSER;
    if (access.kind === 'platform') return NOT_OF_THE_PLATFORM;
    if (snapshot.permissions.has(access.bit)) return PASS;
    if (access.own !== null && snapshot.permissions.has(access.own.bit)) return OWN_ALONE;
    return { passed: false, layer: 'permission', problem: PermissionDenied, required: access.code };
  }
}

const SUPERUSER: Pass = { passed: true, because: `${SUPER_ADMIN} may do everything, in any tenant` };
const OWN_ALONE: Pass = {
  passed: true,
  because: "it does for what is the caller's own; whose it is, the service asks",
};
const NO_SESSION: Refusal = { passed: false, layer: 'permission', problem: SessionRequired };
const NOT_OF_THE_PLATFORM: Refusal = {
  passed: false,
  layer: 'permission',
  problem: PermissionDenied,
  required: SUPER_ADMIN,
};
