import { defineEntity, p } from '@mikro-orm/postgresql';
import { ZERO_ID } from '../../common/ids.js';
import { coreWall, id, instant, reference, stamps, tenantFilter } from '../../platform/database/index.js';
import { permissionReference, roleReference } from '../rbac/index.js';
import { memberReference, UserTenantAssociation } from './association.entity.js';
import { User } from './user.entity.js';

const core = { schema: 'core', filters: tenantFilter } as const;

/** `organizationId` null: `super_admin` of a platform user, and nothing else (a check and a trigger hold that). */
const UserRoleSchema = defineEntity({
  ...core,
  name: 'UserRole',
  tableName: 'user_roles',
  ...coreWall,
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
  indexes: [
    // who holds a role
    { name: 'user_roles_organization_id_role_id_idx', properties: ['organizationId', 'role', 'userId'] },
    // of somebody who is deleted for good, wherever he has been
    { name: 'user_roles_user_id_idx', properties: ['userId'] },
  ],
  properties: {
    ...id,
    organizationId: p.uuid().nullable(),
    userId: p.uuid(),
    user: () => reference(User, { user_id: 'id' }),
    member: () =>
      reference(UserTenantAssociation, { organization_id: 'organization_id', user_id: 'user_id' }).nullable(),
    roleScopeId: p.uuid().default(ZERO_ID),
    role: roleReference,
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
  uniques: [
    {
      name: 'user_permissions_organization_id_user_id_permission_id_key',
      properties: ['organizationId', 'member', 'permission'],
    },
  ],
  properties: {
    ...id,
    organizationId: p.uuid(),
    member: memberReference,
    permission: permissionReference,
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
  uniques: [
    { name: 'user_modules_organization_id_user_id_module_key', properties: ['organizationId', 'member', 'module'] },
  ],
  properties: { ...id, organizationId: p.uuid(), member: memberReference, module: p.string().length(50), ...stamps },
});
export class UserModule extends UserModuleSchema.class {}
UserModuleSchema.setClass(UserModule);
