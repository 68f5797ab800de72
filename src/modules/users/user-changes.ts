import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { PermissionDenied } from '../../common/problem.js';
import type { Input, Versions } from '../../platform/resources/index.js';
import { CORE_EM, currentPlacement } from '../../platform/tenancy/index.js';
import { UserTenantAssociation } from './association.entity.js';
import { isCaller, Members } from './members.js';
import { Superiors } from './superiors.js';
import type { UserRow } from './user.dto.js';
import { User } from './user.entity.js';
import { columnsOf, idIn } from './user-input.js';
import { Users } from './users.js';

/** Changes of members that are there. Each runs inside of a core unit of work. */
@Injectable()
export class UserChanges {
  constructor(
    @Inject(CORE_EM) private readonly em: EntityManager,
    private readonly members: Members,
    private readonly superiors: Superiors,
  ) {}

  /** @throws NotFound, Stale, PriorityTooLow, PermissionDenied for what is not the tenant's to change, ValidationFailed */
  async change(id: string, input: Input, versions: Versions): Promise<UserRow> {
    const row = await this.members.hold(Users, id, 'update', versions);
    if (Object.keys(input).length === 0) return row;
    const standing = await this.members.standingOf(id);
    this.members.assertMayTouch(standing);
    const columns = columnsOf(input);
    if (Object.keys(columns).length > 0) await this.changePerson(row, columns);
    if (input['reports_to_id'] !== undefined) {
      const reportsToId = idIn(input, 'reports_to_id');
      await this.superiors.assertAllowed(reportsToId, standing.isExecutive);
      (await this.membership(id)).reportsToId = reportsToId;
    }
    await this.em.flush();
    return this.members.answered(id);
  }

  /** Of a guest it is his membership here that is suspended. Twice is once. */
  async setStatus(id: string, status: 'active' | 'suspended', versions: Versions): Promise<UserRow> {
    const row = await this.members.hold(Users, id, 'manage', versions);
    if (isCaller(id)) throw PermissionDenied({ detail: 'Nobody changes his own status.' });
    const standing = await this.members.standingOf(id);
    this.members.assertMayTouch(standing, { asAdmin: true });
    if (row.status === status) return row;
    const change = async (): Promise<UserRow> => {
      const membership = await this.membership(id);
      if (row.is_guest || status === 'active') membership.status = status;
      if (!row.is_guest) (await this.em.findOneOrFail(User, id)).status = status;
      await this.em.flush();
      return this.members.answered(id);
    };
    return status === 'active'
      ? this.members.keepingAdmin(standing, change)
      : this.members.shuttingOut(row, standing, change);
  }

  /** One whose own data the caller may have changed. @throws NotFound, PriorityTooLow; PermissionDenied for a guest */
  async holdManageable(id: string): Promise<UserRow> {
    const row = await this.members.hold(Users, id, 'manage');
    this.members.assertMayTouch(await this.members.standingOf(id));
    assertAtHome(row);
    return row;
  }

  private async changePerson(row: UserRow, columns: Record<string, unknown>): Promise<void> {
    assertAtHome(row);
    const { id, email } = row;
    const user = await this.em.findOneOrFail(User, id);
    this.em.assign(user, columns);
    if (user.email.toLowerCase() !== email.toLowerCase()) user.isEmailVerified = false;
  }

  private membership(userId: string): Promise<UserTenantAssociation> {
    return this.em.findOneOrFail(UserTenantAssociation, { organizationId: currentPlacement().organizationId, userId });
  }
}

function assertAtHome({ is_guest: isGuest }: UserRow): void {
  if (isGuest) throw PermissionDenied({ detail: 'A guest’s own data are changed at his home.' });
}
