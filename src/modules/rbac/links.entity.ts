import { defineEntity, p } from '@mikro-orm/postgresql';
import { ZERO_ID } from '../../common/ids.js';
import {
  builtInFilter,
  builtInWall,
  coreWall,
  id,
  instant,
  stamps,
  tenantFilter,
} from '../../platform/database/index.js';
import { User, UserTenantAssociation } from '../users/index.js';
import { Permission } from './permission.entity.js';
import { Role } from './role.entity.js';

const core = { schema: 'core' } as const;
/** A role by (its organization or the zero uuid, id): so that no link can name another tenant's role. */
const role = () =>
  p
    .manyToOne(Role)
    .ref()
    .joinColumns('role_scope_id', 'role_id')
    .referencedColumnNames('scope_id', 'id')
    .columnTypes('uuid', 'uuid')
    .ownColumns('role_id')
    .deleteRule('no action')
    .updateRule('no action');
/** A member by (organization, user): so that no link can name a stranger. */
const member = () =>
  p
    .manyToOne(UserTenantAssociation)
    .ref()
    .joinColumns('organization_id', 'user_id')
    .referencedColumnNames('organization_id', 'user_id')
    .ownColumns('user_id')
    .deleteRule('no action')
    .updateRule('no action');
const permission = () => p.manyToOne(Permission).ref().deleteRule('no action').updateRule('no action');

const RolePermissionSchema = defineEntity({
  ...core,
  name: 'RolePermission',
  tableName: 'role_permissions',
  ...builtInWall,
  filters: builtInFilter,
  checks: [
    {
      name: 'role_permissions_role_scope_id_check',
      expression: `role_scope_id = coalesce(organization_id, '${ZERO_ID}'::uuid)`,
    },
  ],
  uniques: [{ name: 'role_permissions_role_id_permission_id_key', properties: ['role', 'permission'] }],
  properties: {
    ...id,
    organizationId: p.uuid().nullable(),
    roleScopeId: p.uuid().default(ZERO_ID),
    role,
    permission,
    ...stamps,
  },
});
export class RolePermission extends RolePermissionSchema.class {}
RolePermissionSchema.setClass(RolePermission);

/** `organizationId` null: `super_admin` of a platform user, and nothing else (a check and a trigger hold that). */
const UserRoleSchema = defineEntity({
  ...core,
  name: 'UserRole',
  tableName: 'user_roles',
  ...coreWall,
  filters: tenantFilter,
  checks: [
    {
      name: 'user_roles_role_scope_id_check',
      expression: `role_scope_id = '${ZERO_ID}'::uuid or role_scope_id = organization_id`,
    },
  ],
  uniques: [
    { name: 'user_roles_organization_id_user_id_role_id_key', properties: ['organizationId', 'userId', 'role'] },
    { name: 'user_roles_platform_key', properties: ['userId', 'role'], where: 'organization_id is null' },
  ],
  properties: {
    ...id,
    organizationId: p.uuid().nullable(),
    userId: p.uuid(),
    user: () =>
      p
        .manyToOne(User)
        .ref()
        .joinColumns('user_id')
        .referencedColumnNames('id')
        .ownColumns()
        .deleteRule('no action')
        .updateRule('no action'),
    member: () =>
      p
        .manyToOne(UserTenantAssociation)
        .ref()
        .nullable()
        .joinColumns('organization_id', 'user_id')
        .referencedColumnNames('organization_id', 'user_id')
        .ownColumns()
        .deleteRule('no action')
        .updateRule('no action'),
    roleScopeId: p.uuid().default(ZERO_ID),
    role,
    ...stamps,
  },
});
export class UserRole extends UserRoleSchema.class {}
UserRoleSchema.setClass(UserRole);

/** A permission granted to one member directly. */
const UserPermissionSchema = defineEntity({
  ...core,
  name: 'UserPermission',
  tableName: 'user_permissions',
  ...coreWall,
  filters: tenantFilter,
  uniques: [
    {
      name: 'user_permissions_organization_id_user_id_permission_id_key',
      properties: ['organizationId', 'member', 'permission'],
    },
  ],
  properties: {
    ...id,
    organizationId: p.uuid(),
    member,
    permission,
    grantedBy: p.uuid().nullable(),
    expiresAt: instant().nullable(),
    ...stamps,
  },
});
export class UserPermission extends UserPermissionSchema.class {}
UserPermissionSchema.setClass(UserPermission);

/** A module assigned to a manager or an executive. */
const UserModuleSchema = defineEntity({
  ...core,
  name: 'UserModule',
  tableName: 'user_modules',
  ...coreWall,
  filters: tenantFilter,
  uniques: [
    { name: 'user_modules_organization_id_user_id_module_key', properties: ['organizationId', 'member', 'module'] },
  ],
  properties: { ...id, organizationId: p.uuid(), member, module: p.string().length(50), ...stamps },
});
export class UserModule extends UserModuleSchema.class {}
UserModuleSchema.setClass(UserModule);
