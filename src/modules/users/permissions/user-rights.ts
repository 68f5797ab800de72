import { Injectable } from '@nestjs/common';
import { NotFound, PermissionDenied } from '../../../common/problem.js';
import { isoTime } from '../../../common/time.js';
import { effectiveGrants, findBit, PermissionSet } from '../../../platform/access/index.js';
import { holds, ResourceReader } from '../../../platform/resources/index.js';
import { CoreUnit, currentPlacement, currentScope } from '../../../platform/tenancy/index.js';
import { isCaller } from '../members.js';
import { Users } from '../users.js';
import {
  type EffectivePermission,
  effectivePermissions,
  type HeldRights,
  holdingsOf,
} from './effective-permissions.js';

/** What a snapshot's statement reads of a member, with the ends of his grants. $1 organization, $2 user. */
const RIGHTS = `with role as (
    select r.role_code as code, r.organization_id is null as "builtIn", r.priority, r.record_scope as "recordScope", coalesce((
      select jsonb_agg(p.permission_code order by p.permission_code)
      from core.role_permissions rp join core.permissions p on p.id = rp.permission_id
      where rp.role_scope_id = r.scope_id and rp.role_id = r.id), '[]') as permissions
    from core.user_roles ur join core.roles r on r.scope_id = ur.role_scope_id and r.id = ur.role_id
    where ur.organization_id = $1 and ur.user_id = $2 and r.deleted_at is null
  ), direct as (
    select p.permission_code as code, up.expires_at
    from core.user_permissions up join core.permissions p on p.id = up.permission_id
    where up.organization_id = $1 and up.user_id = $2 and (up.expires_at is null or up.expires_at > now())
  )
  select coalesce((select jsonb_agg(role order by role.priority desc, role.code) from role), '[]') as roles,
    coalesce((select jsonb_agg(direct order by direct.code) from direct), '[]') as direct,
    coalesce((select jsonb_agg(m.module order by m.module) from core.user_modules m
      where m.organization_id = $1 and m.user_id = $2), '[]') as modules`;

/** What members may do, and why. Within the scope's tenant. */
@Injectable()
export class UserRights {
  constructor(
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
  ) {}

  /** For the member himself, or who reads users. @throws PermissionDenied, NotFound */
  async list(userId: string): Promise<EffectivePermission[]> {
    await this.assertReads(userId);
    return this.permissionsOf(userId);
  }

  async permissionsOf(userId: string): Promise<EffectivePermission[]> {
    return effectivePermissions(await this.rightsOf(userId));
  }

  async has(userId: string, code: string): Promise<boolean> {
    const grants = effectiveGrants(holdingsOf(await this.rightsOf(userId)));
    return PermissionSet.of(grants).has(findBit(code));
  }

  private async assertReads(userId: string): Promise<void> {
    // a platform user is a member nowhere
    if (isCaller(userId) && currentScope().snapshot?.platform === true) throw NotFound();
    if (isCaller(userId)) return;
    if (!holds(Users, 'read')) throw PermissionDenied({ required: 'user_read' });
    await this.reader.get(Users, userId);
  }

  private async rightsOf(userId: string): Promise<HeldRights> {
    const [rights] = await this.core.read<HeldRights>({
      name: 'user_rights',
      text: RIGHTS,
      values: [currentPlacement().organizationId, userId],
    });
    if (rights === undefined) throw new Error('a select of aggregates has a row');
    const direct = rights.direct.map(({ code, expires_at: end }) => ({ code, expires_at: end && isoTime(end) }));
    return { ...rights, direct };
  }
}
