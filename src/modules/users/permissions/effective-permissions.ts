import {
  effectiveGrants,
  type HeldRole,
  type Holdings,
  impliedBy,
  PermissionSet,
  type RecordScope,
} from '../../../platform/access/index.js';

/** A direct grant that has not ended. */
export interface DirectGrant {
  readonly code: string;
  /** null: without an end */
  readonly expires_at: string | null;
}

/** What a member has in a tenant. */
export interface HeldRights {
  readonly roles: readonly HeldRole[];
  readonly direct: readonly DirectGrant[];
  readonly modules: readonly string[];
}

/** Where a permission comes from. `permission_code` is what was given, which can mean more: `crm.*`. */
export interface PermissionSource {
  readonly kind: 'role' | 'grant' | 'module';
  readonly permission_code: string;
  readonly role_code?: string;
  readonly module?: string;
  readonly expires_at?: string;
}
export interface EffectivePermission {
  readonly permission_code: string;
  readonly record_scope: RecordScope;
  readonly sources: readonly PermissionSource[];
}

export const holdingsOf = ({ roles, direct, modules }: HeldRights): Holdings => ({
  roles,
  direct: direct.map(({ code }) => code),
  modules,
});

/** All that a member may do, as his snapshot has it, each with its record scope and all that gives it. */
export function effectivePermissions(rights: HeldRights): EffectivePermission[] {
  const sources = new Map<string, PermissionSource[]>();
  for (const { source, codes } of given(rights))
    for (const [implied, code] of meant(codes)) {
      const known = sources.get(implied) ?? [];
      sources.set(implied, [...known, { ...source, permission_code: code }]);
    }
  return PermissionSet.of(effectiveGrants(holdingsOf(rights)))
    .grants()
    .map(({ code, scope }) => ({ permission_code: code, record_scope: scope, sources: sources.get(code) ?? [] }));
}

type Given = { source: Omit<PermissionSource, 'permission_code'>; codes: readonly string[] };

/** What each of his roles, grants and modules would give alone: told apart by leaving out the others. */
function* given({ roles, direct, modules }: HeldRights): Generator<Given> {
  for (const role of roles) yield { source: { kind: 'role', role_code: role.code }, codes: codesOf({ roles: [role] }) };
  for (const { code, expires_at: end } of direct)
    yield { source: { kind: 'grant', ...(end === null ? {} : { expires_at: end }) }, codes: [code] };
  const emptied = roles.map((role) => ({ ...role, permissions: [] }));
  for (const module of modules)
    yield { source: { kind: 'module', module }, codes: codesOf({ roles: emptied, modules: [module] }) };
}

const codesOf = ({ roles, modules = [] }: { roles: readonly HeldRole[]; modules?: readonly string[] }): string[] =>
  effectiveGrants({ roles, direct: [], modules }).map(({ code }) => code);

/** Everything that these codes mean, each by what gives it: by itself, where that is among them. */
function meant(codes: readonly string[]): Map<string, string> {
  const by = new Map<string, string>();
  for (const code of codes) for (const implied of impliedBy(code)) if (!by.has(implied)) by.set(implied, code);
  for (const code of codes) if (by.has(code)) by.set(code, code);
  return by;
}
