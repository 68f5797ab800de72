import { Injectable } from '@nestjs/common';
import { NotFound, Stale } from '../../common/problem.js';
import { Reaches, reaches, ResourceWriter, type Versions } from '../../platform/resources/index.js';
import { CoreUnit, currentPlacement, currentScope, Tombstone, type Unit } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { LastAdmins } from './last-admins.js';
import { Members } from './members.js';
import { freeTheDeleted, removeRows } from './removed-rows.js';
import type { UserRow } from './user.dto.js';
import { StoredUsers, Users } from './users.js';

/** Tables whose rows are a member's: those that are referred to come last. */
const OF_A_MEMBER = ['user_group_members', 'user_permissions', 'user_modules', 'user_roles'];

/** Ends and renewals of memberships. What a member has made stays his, whoever reads it. */
@Injectable()
export class UserRemoval {
  constructor(
    private readonly core: CoreUnit,
    private readonly platform: PlatformUnit,
    private readonly members: Members,
    private readonly lastAdmins: LastAdmins,
    private readonly writer: ResourceWriter,
    private readonly reaches: Reaches,
  ) {}

  /**
   * Softly; a trigger ends his sessions. A guest leaves this tenant alone. Inside of a core unit of work.
   * @throws NotFound, Stale, PriorityTooLow, LastAdmin; InUse for a guest to whom others report
   */
  async delete(id: string, versions: Versions): Promise<void> {
    const row = await this.members.hold(Users, id, 'delete', versions);
    const standing = await this.members.standingOf(id);
    this.members.assertMayTouch(standing);
    await this.members.shuttingOut(row, standing, async () => {
      if (row.is_guest) await this.leave(this.core, currentPlacement().organizationId, id);
      else await this.writer.delete(StoredUsers, id, undefined);
    });
  }

  /** @throws NotFound, Stale, PriorityTooLow; Conflict when his name or address was taken meanwhile */
  async restore(id: string, versions: Versions): Promise<UserRow> {
    const { isGuest } = await this.stored(id, versions);
    if (isGuest) throw NotFound();
    this.members.assertMayTouch(await this.members.standingOf(id));
    await this.writer.restore(StoredUsers, id, undefined);
    return this.members.answered(id);
  }

  /**
   * For good, in every tenant: the person, his memberships, rights and sessions. A tombstone keeps a restored backup from
   * bringing him back. By the platform's login, since it crosses tenants: no unit of work may hold his rows.
   * @throws NotFound, Stale, PriorityTooLow, LastAdmin; InUse while somebody reports to him
   */
  async hardDelete(id: string, versions: Versions): Promise<void> {
    const { isGuest, username } = await this.stored(id, versions);
    const standing = await this.members.standingOf(id);
    this.members.assertMayTouch(standing);
    if (isGuest)
      await this.members.keepingAdmin(standing, () => this.leave(this.core, currentPlacement().organizationId, id));
    else await this.removePerson(id, username);
  }

  /** Ends a membership in one tenant. @throws InUse while somebody there reports to him */
  async leave(unit: Unit, organizationId: string, userId: string): Promise<void> {
    const which = { where: 't.user_id = $1 and t.organization_id = $2', values: [userId, organizationId] };
    for (const table of OF_A_MEMBER) await removeRows(unit, table, which);
    await freeTheDeleted(unit, userId, organizationId);
    await removeRows(unit, 'user_tenant_associations', which);
  }

  private async removePerson(id: string, username: string): Promise<void> {
    const { organizationId } = currentPlacement();
    const which = { where: 't.user_id = $1', values: [id] };
    await this.platform.transaction(async ({ em }) => {
      await this.platform.query({
        text: `select from core.user_tenant_associations where user_id = $1 for update`,
        values: [id],
      });
      await this.lastAdmins.keep(this.platform, await this.lastAdmins.administeredBy(id), async () => {
        for (const table of [...OF_A_MEMBER, 'sessions', 'one_time_tokens'])
          await removeRows(this.platform, table, which);
        await freeTheDeleted(this.platform, id, null);
        await removeRows(this.platform, 'user_tenant_associations', which);
        await removeRows(this.platform, 'users', { where: 't.id = $1', values: [id] });
      });
      const removedBy = currentScope().actor.id;
      em.create(Tombstone, { id, kind: 'user', organizationId, code: username, removedBy });
    });
  }

  /** A member, deleted or not, whom the caller manages. @throws NotFound, Stale */
  private async stored(id: string, versions: Versions): Promise<{ isGuest: boolean; username: string }> {
    if (!reaches(await this.reaches.of(Users, 'manage'), id)) throw NotFound();
    const [row] = await this.core.read<{ isGuest: boolean; username: string; version: number }>({
      text: `select is_guest as "isGuest", username, version from core.members where organization_id = $1 and id = $2`,
      values: [currentPlacement().organizationId, id],
    });
    if (row === undefined) throw NotFound();
    if (versions !== undefined && !versions.includes(row.version)) throw Stale();
    return row;
  }
}
