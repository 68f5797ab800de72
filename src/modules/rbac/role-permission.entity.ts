import { defineEntity, p } from '@mikro-orm/postgresql';
import { ZERO_ID } from '../../common/ids.js';
import { builtInFilter, builtInWall, id, reference, stamps } from '../../platform/database/index.js';
import { Permission } from './permission.entity.js';
import { Role } from './role.entity.js';

/** A role by (its organization or the zero uuid, id): so that no link can name another tenant's role. */
export const roleReference = () => reference(Role, { role_scope_id: 'scope_id', role_id: 'id' }).ownColumns('role_id');
/** A permission by its id: permissions are nobody's, so that every link may name any. */
export const permissionReference = () => p.manyToOne(Permission).ref().deleteRule('no action').updateRule('no action');

const RolePermissionSchema = defineEntity({
  name: 'RolePermission',
  schema: 'core',
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
    role: roleReference,
    permission: permissionReference,
    ...stamps,
  },
});
export class RolePermission extends RolePermissionSchema.class {}
RolePermissionSchema.setClass(RolePermission);
