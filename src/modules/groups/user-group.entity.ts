import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  coreWall,
  id,
  lowerOf,
  oneOf,
  reference,
  softDelete,
  stamps,
  tenantFilter,
  version,
} from '../../platform/database/index.js';
import { memberReference } from '../users/index.js';

const core = { schema: 'core', ...coreWall, filters: tenantFilter } as const;

/** A tenant's group of members. Those that are made with the tenant are of the system: not renamed, not deleted. */
const UserGroupSchema = defineEntity({
  ...core,
  name: 'UserGroup',
  tableName: 'user_groups',
  checks: [oneOf('user_groups', 'group_type', ['system', 'custom'])],
  uniques: [
    { name: 'user_groups_organization_id_id_key', properties: ['organizationId', 'id'] },
    {
      name: 'user_groups_organization_id_group_code_key',
      properties: ['organizationId', 'groupCodeLower'],
      where: 'deleted_at is null',
    },
  ],
  indexes: [
    {
      name: 'user_groups_created_at_idx',
      properties: ['organizationId', 'createdAt', 'id'],
      where: 'deleted_at is null',
    },
  ],
  properties: {
    ...id,
    organizationId: p.uuid(),
    groupCode: p.string().length(50),
    groupCodeLower: lowerOf('group_code', 50),
    groupName: p.string().length(100),
    description: p.text().nullable(),
    priority: p.integer().default(0),
    groupType: p.string().length(10).default('custom').$type<'system' | 'custom'>(),
    settings: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class UserGroup extends UserGroupSchema.class {}
UserGroupSchema.setClass(UserGroup);

/** A group by (organization, id): so that no link can name another tenant's. */
export const groupReference = () =>
  reference(UserGroup, { organization_id: 'organization_id', group_id: 'id' }).ownColumns('group_id');

/** The group `all_members` has no rows here: it is computed. */
const UserGroupMemberSchema = defineEntity({
  ...core,
  name: 'UserGroupMember',
  tableName: 'user_group_members',
  uniques: [
    {
      name: 'user_group_members_organization_id_group_id_user_id_key',
      properties: ['organizationId', 'group', 'member'],
    },
  ],
  indexes: [{ name: 'user_group_members_organization_id_user_id_idx', properties: ['organizationId', 'member'] }],
  properties: { ...id, organizationId: p.uuid(), group: groupReference, member: memberReference, ...stamps },
});
export class UserGroupMember extends UserGroupMemberSchema.class {}
UserGroupMemberSchema.setClass(UserGroupMember);
