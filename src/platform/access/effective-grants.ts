import { MANAGER } from './built-in-roles.js';
import { findModule } from './modules.js';
import type { Grant, RecordScope } from './permission-set.js';

export interface HeldRole {
  readonly code: string;
  /** a tenant may give its own role a built-in one's code */
  readonly builtIn: boolean;
  readonly priority: number;
  readonly recordScope: RecordScope;
  readonly permissions: readonly string[];
}

/** What a member has in a tenant, as the tables say it. */
export interface Holdings {
  readonly roles: readonly HeldRole[];
  /** codes of the direct grants that have not ended */
  readonly direct: readonly string[];
  /** keys of the modules assigned to him */
  readonly modules: readonly string[];
}

const WIDTH: Record<RecordScope, number> = { own: 0, team: 1, all: 2 };
const wider = (a: RecordScope, b: RecordScope): RecordScope => (WIDTH[a] >= WIDTH[b] ? a : b);

/** The widest record scope among the roles: what is shown for a person. */
export const widestScope = (roles: readonly HeldRole[]): RecordScope =>
  roles.reduce<RecordScope>((widest, role) => wider(widest, role.recordScope), 'own');

/** Authority: the highest priority among the roles; no role counts as 0. */
export const highestPriority = (roles: readonly HeldRole[]): number =>
  roles.reduce((highest, role) => Math.max(highest, role.priority), 0);

/**
 * The permissions of a member with their record scopes (access.md, "Record scope"): those of a role reach as far as the
 * role, a direct grant as far as his highest role, and the modules assigned to a manager as far as `manager` does.
 */
export function effectiveGrants({ roles, direct, modules }: Holdings): Grant[] {
  const scope = scopeOfHighest(roles);
  const grants: Grant[] = direct.map((code) => ({ code, scope }));
  for (const role of roles) {
    for (const code of role.permissions) grants.push({ code, scope: role.recordScope });
    if (!role.builtIn || role.code !== MANAGER) continue;
    for (const key of modules) {
      const module = findModule(key);
      if (module) grants.push({ code: `${module.key}.*`, scope: role.recordScope });
    }
  }
  return grants;
}

/** Of his highest role; of the widest when several stand equally high; `own` without any. */
function scopeOfHighest(roles: readonly HeldRole[]): RecordScope {
  const highest = highestPriority(roles);
  return widestScope(roles.filter(({ priority }) => priority === highest));
}
