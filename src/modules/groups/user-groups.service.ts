import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/pagination.js';
import { NotFound, PermissionDenied } from '../../common/problem.js';
import { accessTo, Snapshots } from '../../platform/access/index.js';
import { narrowed, ResourceReader, Sql } from '../../platform/resources/index.js';
import { CoreUnit, currentPlacement, currentScope } from '../../platform/tenancy/index.js';
import { joinRegularUsers, makeDefaultGroups } from './default-groups.js';
import { GroupMembersService } from './group-members.js';
import type { Running } from './group-links.js';
import type { UserGroupRow } from './user-group.dto.js';
import { holding, isComputed, UserGroups } from './user-groups.js';

const USER_READ = accessTo('user', 'read');
/** For features that ask on their own account. */
const AnyGroup = narrowed(UserGroups, { admitted: ['read'] });

/** What other features ask of the groups of the scope's tenant. Whether the caller may know it, they have asked. */
@Injectable()
export class UserGroupsService {
  constructor(
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
    private readonly members: GroupMembersService,
    private readonly snapshots: Snapshots,
  ) {}

  /** @throws NotFound */
  getById(id: string): Promise<UserGroupRow> {
    return this.reader.get(AnyGroup, id);
  }

  /** @param code without regard to case @throws NotFound */
  async getByCode(code: string): Promise<UserGroupRow> {
    const coded = narrowed(AnyGroup, {
      where: (sql, row) => `${row}group_code_lower = lower(${sql.typed(code, 'text')})`,
    });
    const [group] = (await this.reader.list(coded, 'limit=1')).items;
    if (group === undefined) throw NotFound();
    return group;
  }

  /** @param query as in a URL: `group_type=custom&sort=priority` */
  list(query = ''): Promise<Page<UserGroupRow>> {
    return this.reader.list(AnyGroup, query);
  }

  /** Ids of the living members, of the computed group too. */
  async membersOf(groupId: string): Promise<string[]> {
    const rows = await this.core.query<{ user_id: string }>({
      name: 'group_members',
      text: `select user_id from core.user_group_members where organization_id = $1 and group_id = $2 and core.is_living_member(user_id)
        union all select a.user_id from core.user_groups g join core.user_tenant_associations a on a.organization_id = g.organization_id
          where g.organization_id = $1 and g.id = $2 and ${isComputed('g.')} and core.is_living_member(a.user_id)`,
      values: [currentPlacement().organizationId, groupId],
    });
    return rows.map(({ user_id: userId }) => userId);
  }

  /** A page of the groups that a member is in, that of all members among them. @param query as of `list` */
  groupsOf(userId: string, query = ''): Promise<Page<UserGroupRow>> {
    const where = holding(currentPlacement().organizationId, userId);
    return this.reader.list(narrowed(AnyGroup, { where }), query);
  }

  /** Ids of the living groups that somebody is in; none of somebody who is no living member. */
  async groupIdsOf(userId: string): Promise<string[]> {
    const sql = new Sql();
    const organizationId = currentPlacement().organizationId;
    const condition = holding(organizationId, userId)(sql, 'g.');
    const rows = await this.core.query<{ id: string }>(
      sql.statement(
        `select g.id from core.user_groups g where g.organization_id = ${sql.bind(organizationId)} and g.deleted_at is null and ${condition} and core.is_living_member(${sql.bind(userId)})`,
      ),
    );
    return rows.map(({ id }) => id);
  }

  async isMember(groupId: string, userId: string): Promise<boolean> {
    return (await this.groupIdsOf(userId)).includes(groupId);
  }

  /** @returns whether he was not in it. @throws NotFound for a group, ValidationFailed at `user_id` for a member that there is not */
  async addMember(groupId: string, userId: string): Promise<boolean> {
    return (await this.members.add(groupId, { user_id: userId }, '')).status === 201;
  }

  /** @throws NotFound for one who is not in it */
  removeMember(groupId: string, userId: string): Promise<void> {
    return this.members.remove(groupId, userId);
  }

  /** For whoever makes a user: to be called in the transaction that makes him. */
  joinRegularUsers(unit: Running, organizationId: string, userId: string): Promise<void> {
    return joinRegularUsers(unit, organizationId, userId);
  }

  /** For whoever makes a tenant: to be called in the transaction that makes it. A second time it makes what is missing. */
  makeDefaults(unit: Running, organizationId: string): Promise<string[]> {
    return makeDefaultGroups(unit, organizationId);
  }

  /**
   * The groups of a member, as the caller may ask for them: of himself, or of those whom his `user_read` reaches.
   * @throws PermissionDenied; NotFound for one out of reach, and for one who is no member
   */
  async groupsOfReachable(userId: string, query: string): Promise<Page<UserGroupRow>> {
    await this.assertReaches(userId);
    return this.groupsOf(userId, query);
  }

  private async assertReaches(userId: string): Promise<void> {
    const { snapshot } = currentScope();
    if (snapshot === undefined) return;
    const isSelf = snapshot.userId === userId && !snapshot.platform;
    if (isSelf) return;
    const scope = snapshot.scopeOf(USER_READ.bit);
    if (scope === undefined) throw PermissionDenied({ required: USER_READ.code });
    if (scope === 'own') throw NotFound();
    const { organizationId } = currentPlacement();
    if (scope === 'team' && !(await this.snapshots.teamOf(snapshot.userId, organizationId)).includes(userId))
      throw NotFound();
    const [row] = await this.core.query<{ lives: boolean }>({
      name: 'is_living_member',
      text: `select core.is_living_member($1) as lives`,
      values: [userId],
    });
    if (row?.lives !== true) throw NotFound();
  }
}
