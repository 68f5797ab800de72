import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { NotFound, OwnRoles, ValidationFailed } from '../../../common/problem.js';
import { isoTime } from '../../../common/time.js';
import { ADMIN, accessTo } from '../../../platform/access/index.js';
import { narrowed, notFoundAt, ResourceReader } from '../../../platform/resources/index.js';
import { CORE_EM, CoreUnit, currentPlacement } from '../../../platform/tenancy/index.js';
import { giveRole } from '../enrol.js';
import { isCaller, Members, type Standing } from '../members.js';
import type { EffectivePermission } from '../permissions/effective-permissions.js';
import { UserRights } from '../permissions/user-rights.js';
import { UserRole } from '../rights.entity.js';
import { assertMayDeal, type GivenRole, isBuiltIn, isExecutive, RoleLookup } from '../role-lookup.js';
import { superiorRequired } from '../superiors.js';
import { User } from '../user.entity.js';
import type { UserRow } from '../user.dto.js';
import { Users } from '../users.js';
import type { UserRoleRow } from './user-role.dto.js';

/** Members as who gives and takes roles reaches them. */
const HOLDERS = narrowed(Users, { permissions: { ...Users.permissions, manage: accessTo('role', 'manage') } });

const HELD = `select r.id, r.id as role_id, ur.user_id, r.role_code, r.role_name, r.priority, r.role_type, r.record_scope, r.requires_mfa,
    r.organization_id is null as is_built_in, ur.created_at as given_at, ur.created_by as given_by
  from core.user_roles ur join core.roles r on r.scope_id = ur.role_scope_id and r.id = ur.role_id
  where ur.organization_id = $1 and ur.user_id = $2 and r.deleted_at is null order by r.priority desc, r.role_code`;
const LINK = `select id from core.user_roles where organization_id = $1 and user_id = $2 and role_id = $3`;
/** What is answered of a member tells his roles, so his version does; it is no change of the membership. */
const RAISE = `update core.user_tenant_associations set version = version + 1 where organization_id = $1 and user_id = $2`;

interface GivenAnswer {
  readonly row: UserRoleRow;
  readonly isNew: boolean;
}

/** The roles of members, for routes and for the product's own code. Within the scope's tenant. */
@Injectable()
export class UserRolesService {
  constructor(
    @Inject(CORE_EM) private readonly em: EntityManager,
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
    private readonly members: Members,
    private readonly lookup: RoleLookup,
    private readonly rights: UserRights,
  ) {}

  /** The highest first. @throws NotFound for whom the caller does not reach */
  async list(userId: string): Promise<UserRoleRow[]> {
    await this.reader.get(Users, userId);
    return this.rolesOf(userId);
  }

  /** The same for the product's own code, whoever runs it. */
  async rolesOf(userId: string): Promise<UserRoleRow[]> {
    const values = [currentPlacement().organizationId, userId];
    const rows = await this.core.read<UserRoleRow>({ name: 'user_roles', text: HELD, values });
    for (const row of rows) row.given_at = isoTime(row.given_at);
    return rows;
  }

  /** Whether he holds a living role of this code, in whatever case. */
  async hasRole(userId: string, roleCode: string): Promise<boolean> {
    const code = roleCode.toLowerCase();
    return (await this.rolesOf(userId)).some(({ role_code: each }) => each.toLowerCase() === code);
  }

  /** Whether a role, a grant or a module of his gives the permission or one that implies it. */
  hasPermission(userId: string, code: string): Promise<boolean> {
    return this.rights.has(userId, code);
  }

  permissionsOf(userId: string): Promise<EffectivePermission[]> {
    return this.rights.permissionsOf(userId);
  }

  /**
   * @returns the role as he holds it, and whether he has only now come to hold it
   * @throws NotFound, OwnRoles, PriorityTooLow; ValidationFailed at role_id, or at reports_to_id for an executive to be
   */
  give(userId: string, roleId: string): Promise<GivenAnswer> {
    return this.core.transaction(() => this.giveInside(userId, roleId));
  }

  /** @throws NotFound, OwnRoles, PriorityTooLow, LastAdmin */
  take(userId: string, roleId: string): Promise<void> {
    return this.core.transaction(() => this.takeInside(userId, roleId));
  }

  private async giveInside(userId: string, roleId: string): Promise<GivenAnswer> {
    const member = await this.hold(userId);
    const role = await this.lookup.byId(this.core, currentPlacement().organizationId, roleId.toLowerCase());
    if (role === undefined) throw ValidationFailed({ errors: [notFoundAt('role_id')] });
    this.assertMayChange(role, await this.members.standingOf(userId));
    const held = await this.find(userId, role.id);
    if (held !== undefined) return { row: held, isNew: false };
    if (isExecutive(role) && member.reports_to_id === null) throw superiorRequired();
    await this.insert(userId, role);
    const row = await this.find(userId, role.id);
    if (row === undefined) throw new Error('a role that was given is held');
    return { row, isNew: true };
  }

  private async takeInside(userId: string, roleId: string): Promise<void> {
    await this.hold(userId);
    const { organizationId } = currentPlacement();
    const role = await this.lookup.byId(this.core, organizationId, roleId);
    if (role === undefined) throw NotFound();
    const standing = await this.members.standingOf(userId);
    this.assertMayChange(role, standing);
    const [link] = await this.core.read<{ id: string }>({ text: LINK, values: [organizationId, userId, role.id] });
    if (link === undefined) throw NotFound();
    await this.members.keepingAdmin({ ...standing, isAdmin: isBuiltIn(role, ADMIN) }, async () => {
      await this.em.remove(await this.em.findOneOrFail(UserRole, link.id)).flush();
      await this.core.write({ text: RAISE, values: [organizationId, userId] });
    });
  }

  private async hold(userId: string): Promise<UserRow> {
    const member = await this.members.hold(HOLDERS, userId, 'manage');
    if (isCaller(userId)) throw OwnRoles();
    return member;
  }

  /** Both the role and the person stand below the caller; an admin gives and takes `admin`. */
  private assertMayChange(role: GivenRole, standing: Standing): void {
    assertMayDeal(role);
    this.members.assertMayTouch(standing, { asAdmin: isBuiltIn(role, ADMIN) });
  }

  private async find(userId: string, roleId: string): Promise<UserRoleRow | undefined> {
    return (await this.rolesOf(userId)).find(({ id }) => id === roleId);
  }

  private async insert(userId: string, role: GivenRole): Promise<void> {
    const { organizationId } = currentPlacement();
    giveRole(this.em, this.em.getReference(User, userId, { wrapped: true }), organizationId, role);
    await this.em.flush();
    await this.core.write({ text: RAISE, values: [organizationId, userId] });
  }
}
