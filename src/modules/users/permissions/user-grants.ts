import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { invalid, NotFound, OwnRoles, PermissionDenied, ValidationFailed } from '../../../common/problem.js';
import { isoTime } from '../../../common/time.js';
import { parsePermission, PLATFORM_ONLY } from '../../../platform/access/index.js';
import { holds, notFoundAt, ResourceReader } from '../../../platform/resources/index.js';
import { CORE_EM, CoreUnit, currentPlacement, currentScope } from '../../../platform/tenancy/index.js';
import { Ladder, Permission } from '../../rbac/index.js';
import { UserTenantAssociation } from '../association.entity.js';
import { isCaller, Members } from '../members.js';
import { UserPermission } from '../rights.entity.js';
import { Users } from '../users.js';
import type { GrantRow } from './user-permission.dto.js';

const GRANTS = `select p.id, p.id as permission_id, up.user_id, p.permission_code, p.permission_name, up.expires_at, up.created_at as granted_at, up.granted_by
  from core.user_permissions up join core.permissions p on p.id = up.permission_id
  where up.organization_id = $1 and up.user_id = $2 order by p.permission_code`;
const LINK = `select id from core.user_permissions where organization_id = $1 and user_id = $2 and permission_id = $3`;
const OWN_MODULES = `select module from core.user_modules where organization_id = $1 and user_id = $2`;

/** Permissions granted to members one by one. By who manages users; a manager grants what his own modules are made of. */
@Injectable()
export class UserGrants {
  constructor(
    @Inject(CORE_EM) private readonly em: EntityManager,
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
    private readonly members: Members,
  ) {}

  /** @throws NotFound for whom the caller does not reach */
  async list(userId: string): Promise<GrantRow[]> {
    await this.reader.get(Users, userId, actionOfCaller());
    return this.grantsOf(userId);
  }

  /**
   * Inside of a core unit of work. A grant that stands gets the end that is given now.
   * @throws NotFound, OwnRoles, PriorityTooLow, PermissionDenied, PermissionNotHeld; ValidationFailed at the field
   */
  async grant(
    userId: string,
    permissionId: string,
    expiresAt: Date | null,
  ): Promise<{ row: GrantRow; isNew: boolean }> {
    await this.hold(userId);
    const code = await this.codeOf(permissionId);
    if (code === undefined) throw ValidationFailed({ errors: [notFoundAt('permission_id')] });
    if (PLATFORM_ONLY.has(code)) throw invalid('permission_id', 'platform_only', 'is held by platform users alone');
    await this.assertMayDeal(code);
    Ladder.ofCaller().assertHolds(code);
    if (expiresAt !== null && expiresAt.getTime() <= Date.now())
      throw invalid('expires_at', 'in_past', 'must be in the future');
    const linkId = await this.linkOf(userId, permissionId);
    if (linkId === undefined) this.create(userId, permissionId, expiresAt);
    else (await this.em.findOneOrFail(UserPermission, linkId)).expiresAt = expiresAt;
    await this.em.flush();
    const row = (await this.grantsOf(userId)).find(({ id }) => id === permissionId);
    if (row === undefined) throw new Error('what was granted is there');
    return { row, isNew: linkId === undefined };
  }

  /** Inside of a core unit of work. @throws NotFound, OwnRoles, PriorityTooLow, PermissionDenied */
  async revoke(userId: string, permissionId: string): Promise<void> {
    await this.hold(userId);
    const [code, linkId] = [await this.codeOf(permissionId), await this.linkOf(userId, permissionId)];
    if (code === undefined || linkId === undefined) throw NotFound();
    await this.assertMayDeal(code);
    await this.em.remove(await this.em.findOneOrFail(UserPermission, linkId)).flush();
  }

  /** Below the caller, and not himself: what he holds by a role would outlive it. */
  private async hold(userId: string): Promise<void> {
    await this.members.hold(Users, userId, actionOfCaller());
    if (isCaller(userId)) throw OwnRoles();
    this.members.assertMayTouch(await this.members.standingOf(userId));
  }

  private async assertMayDeal(code: string): Promise<void> {
    if (holds(Users, 'manage')) return;
    const callerId = currentScope().actor.id ?? '';
    const permission = parsePermission(code);
    const { isManager } = await this.members.standingOf(callerId);
    const values = [currentPlacement().organizationId, callerId];
    const own = isManager ? await this.core.read<{ module: string }>({ text: OWN_MODULES, values }) : [];
    const isOwn =
      permission?.form === 'submodule' && own.some(({ module }) => module.toLowerCase() === permission.module);
    if (!isOwn)
      throw PermissionDenied({
        required: 'user_manage',
        detail: 'A manager grants permissions on submodules of his own modules.',
      });
  }

  private create(userId: string, permissionId: string, expiresAt: Date | null): void {
    const { organizationId } = currentPlacement();
    this.em.create(UserPermission, {
      organizationId,
      member: this.em.getReference(UserTenantAssociation, [organizationId, userId], { wrapped: true }),
      permission: this.em.getReference(Permission, permissionId, { wrapped: true }),
      grantedBy: currentScope().actor.id,
      expiresAt,
    });
  }

  private async grantsOf(userId: string): Promise<GrantRow[]> {
    const rows = await this.core.read<GrantRow>({
      name: 'user_grants',
      text: GRANTS,
      values: [currentPlacement().organizationId, userId],
    });
    for (const row of rows) {
      row.expires_at &&= isoTime(row.expires_at);
      row.granted_at = isoTime(row.granted_at);
    }
    return rows;
  }

  private async codeOf(permissionId: string): Promise<string | undefined> {
    const text = `select permission_code as code from core.permissions where id = $1`;
    const [permission] = await this.core.read<{ code: string }>({ text, values: [permissionId] });
    return permission?.code;
  }

  private async linkOf(userId: string, permissionId: string): Promise<string | undefined> {
    const values = [currentPlacement().organizationId, userId, permissionId];
    const [link] = await this.core.read<{ id: string }>({ text: LINK, values });
    return link?.id;
  }
}

/** The permission by whose record scope the caller reaches people here. */
const actionOfCaller = (): 'manage' | 'update' => (holds(Users, 'manage') ? 'manage' : 'update');
