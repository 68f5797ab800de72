import { Injectable } from '@nestjs/common';
import { ADMIN, EXECUTIVE, SUPER_ADMIN } from '../../platform/access/index.js';
import type { Statement } from '../../platform/database/index.js';
import type { Unit } from '../../platform/tenancy/index.js';
import { ZERO_ID } from '../../common/ids.js';
import { Ladder, roleLock } from '../rbac/index.js';

/** A living role that can be given to a member. */
export interface GivenRole {
  readonly id: string;
  readonly code: string;
  /** Its organization, or the zero uuid of a built-in one. */
  readonly scopeId: string;
  readonly priority: number;
}

/** `super_admin` is for platform users alone: to a tenant there is no such role. */
const GIVEN = `select distinct on (role_code_lower) id, role_code as code, scope_id as "scopeId", priority from core.roles
  where deleted_at is null and scope_id in ('${ZERO_ID}', $1) and not (organization_id is null and role_code = '${SUPER_ADMIN}')`;

/** Roles that a tenant's members can hold. */
@Injectable()
export class RoleLookup {
  async byId(unit: Unit, organizationId: string, id: string): Promise<GivenRole | undefined> {
    const [role] = await held(unit, { text: `${GIVEN} and id = $2`, values: [organizationId, id] });
    return role;
  }

  /** In the order of the codes, without case; undefined for an unknown one. A tenant's own comes before a built-in one. */
  async byCodes(unit: Unit, organizationId: string, codes: readonly string[]): Promise<(GivenRole | undefined)[]> {
    if (codes.length === 0) return [];
    const lower = codes.map((code) => code.toLowerCase());
    const roles = await held(unit, {
      text: `${GIVEN} and role_code_lower = any ($2) order by role_code_lower, organization_id nulls last`,
      values: [organizationId, lower],
    });
    const byCode = new Map(roles.map((role) => [role.code.toLowerCase(), role]));
    return lower.map((code) => byCode.get(code));
  }
}

/** None of them is deleted until the transaction ends. */
async function held(unit: Unit, statement: Statement): Promise<GivenRole[]> {
  const roles = await unit.read<GivenRole>(statement);
  const own = roles.filter(({ scopeId }) => scopeId !== ZERO_ID).map(({ id }) => id);
  if (own.length === 0) return roles;
  const locks = `select pg_advisory_xact_lock_shared(${roleLock('id')}) from unnest($1::uuid[]) id order by id`;
  await unit.read({ text: locks, values: [own] });
  return unit.read<GivenRole>(statement);
}

export const isBuiltIn = ({ scopeId, code }: GivenRole, named: string): boolean =>
  scopeId === ZERO_ID && code === named;
export const isExecutive = (role: GivenRole): boolean => isBuiltIn(role, EXECUTIVE);

/** @throws PriorityTooLow for a role that the caller neither gives nor takes */
export function assertMayDeal(role: GivenRole): void {
  const ladder = Ladder.ofCaller();
  if (isBuiltIn(role, ADMIN)) ladder.assertAboveOrAdmin(role.priority);
  else ladder.assertAbove(role.priority);
}
