import { defineEntity, p } from '@mikro-orm/postgresql';
import { stamps, version } from '../../platform/database/index.js';
import { defineResource, type RowCondition } from '../../platform/resources/index.js';
import { CreateUserGroup, GroupMemberRow, UserGroupRow } from './user-group.dto.js';
import { UserGroup } from './user-group.entity.js';

/** The group that every member is in. It has no rows of its own. */
export const ALL_MEMBERS = 'all_members';
/** The group that each new user is put into. */
export const REGULAR_USERS = 'regular_users';

/** What holds of the computed group; `of` stands before its columns. */
export const isComputed = (of: string): string =>
  `${of}group_type = 'system' and ${of}group_code_lower = '${ALL_MEMBERS}'`;

export const UserGroups = defineResource({
  access: 'group',
  path: 'user-groups',
  idParameter: 'group_id',
  entity: UserGroup,
  create: CreateUserGroup,
  row: UserGroupRow,
  filters: ['group_code', 'group_name', 'group_type', 'priority'],
  search: ['group_code', 'group_name', 'description'],
  sort: ['group_code', 'group_name', 'group_type', 'priority'],
});

/** That somebody is in the group: a member of the tenant. */
export const holding =
  (organizationId: string, userId: string): RowCondition =>
  (sql, row) =>
    `(${row}"id" in (select group_id from core.user_group_members where organization_id = ${sql.typed(organizationId, 'uuid')} and user_id = ${sql.typed(userId, 'uuid')}) or (${isComputed(row)}))`;

/** Rows of the select below: no table, and so nothing that the ORM knows. */
const GroupMemberSchema = defineEntity({
  name: 'GroupMember',
  schema: 'core',
  tableName: 'user_group_members',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    groupId: p.uuid(),
    userId: p.uuid(),
    username: p.string().length(100).nullable(),
    email: p.string().length(255).nullable(),
    fullName: p.string().length(100).nullable(),
    avatarUrl: p.string().length(255).nullable(),
    ...version,
    ...stamps,
  },
});
class GroupMember extends GroupMemberSchema.class {}
GroupMemberSchema.setClass(GroupMember);

/** Names are for whoever may see the group; the rest of a user for those whom the policies show him to. */
const named = (column: 'full_name' | 'avatar_url') =>
  `case when u.id is null then (select n.${column} from core.member_names(array[m.user_id]) n) else u.${column} end as ${column}`;
const LINK = 'created_at, updated_at, created_by, updated_by';
const of = (alias: string) => LINK.replaceAll(/\w+/g, `${alias}.$&`);
const MEMBERS = `select m.user_id as id, m.organization_id, m.group_id, m.user_id, u.username, u.email, ${named('full_name')}, ${named('avatar_url')}, 1 as version, ${of('m')}
  from (select organization_id, group_id, user_id, ${LINK} from core.user_group_members
    union all select g.organization_id, g.id, a.user_id, a.joined_at, a.updated_at, a.created_by, a.updated_by
      from core.user_groups g join core.user_tenant_associations a on a.organization_id = g.organization_id
      where ${isComputed('g.')} and g.deleted_at is null) m
  left join core.users u on u.id = m.user_id
  where case when u.id is null then core.is_living_member(m.user_id) else u.deleted_at is null end`;

/** The living members of a group, whether they were put into it or it is the group of all. */
export const GroupMembers = defineResource({
  access: 'group',
  path: 'user-groups/:group_id/members',
  idParameter: 'user_id',
  parent: 'group_id',
  entity: GroupMember,
  query: MEMBERS,
  row: GroupMemberRow,
  filters: ['user_id', 'username', 'email'],
  search: ['username', 'email', 'full_name'],
  sort: ['username', 'email', 'full_name'],
});
