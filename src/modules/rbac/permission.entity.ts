import { defineEntity, p } from '@mikro-orm/postgresql';
import { id, oneOf, stamps, version } from '../../platform/database/index.js';

/** Global: no organization, no wall. Generated from the module registry; only `custom_…` ones are made by hand. */
const PermissionSchema = defineEntity({
  name: 'Permission',
  schema: 'core',
  tableName: 'permissions',
  uniques: [{ name: 'permissions_permission_code_key', properties: ['permissionCode'] }],
  properties: {
    ...id,
    permissionCode: p.string().length(100),
    permissionName: p.string().length(100),
    resource: p.string().length(100),
    action: p.string().length(10),
    module: p.string().length(50).nullable(),
    submodule: p.string().length(50).nullable(),
    description: p.text().nullable(),
    ...version,
    ...stamps,
  },
  checks: [oneOf('permissions', 'action', ['create', 'read', 'update', 'delete', 'manage'])],
});
export class Permission extends PermissionSchema.class {}
PermissionSchema.setClass(Permission);
