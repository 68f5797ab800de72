import { Conflict, defineProblem } from '../../common/problem.js';
import { defineResource } from '../../platform/resources/index.js';
import { CreatePermission, PermissionRow } from './permission.dto.js';
import { Permission } from './permission.entity.js';

export const Permissions = defineResource({
  access: 'permission',
  path: 'permissions',
  entity: Permission,
  create: CreatePermission,
  row: PermissionRow,
  filters: ['permission_code', 'resource', 'action', 'module', 'submodule'],
  search: ['permission_code', 'permission_name'],
  sort: ['permission_code', 'permission_name', 'resource', 'module'],
  options: { tenant: 'optional' },
});

defineProblem({
  code: 'conflict',
  status: 409,
  constraint: 'permissions_permission_code_key',
  field: 'permission_code',
});
defineProblem({
  code: 'in_use',
  status: 409,
  constraint: ['role_permissions_permission_id_foreign', 'user_permissions_permission_id_foreign'],
  detail: 'A role or a person has this permission.',
});
export const generated = () =>
  Conflict({
    detail: 'This permission is generated from the module registry: only custom_… ones are changed by hand.',
  });
