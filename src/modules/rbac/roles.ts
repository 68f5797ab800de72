import { Conflict, defineProblem } from '../../common/problem.js';
import { accessTo } from '../../platform/access/index.js';
import { defineResource } from '../../platform/resources/index.js';
import { CreateRole, RoleRow } from './role.dto.js';
import { Role } from './role.entity.js';

/** Restoring one and removing it for good are making and changing roles, which is a feature of its own. */
const { module, moduleNumber } = accessTo('role', 'update');

export const Roles = defineResource({
  access: 'role',
  asks: { manage: { ...accessTo('role', 'manage'), module, moduleNumber } },
  path: 'roles',
  entity: Role,
  create: CreateRole,
  row: RoleRow,
  filters: ['role_code', 'priority', 'role_type', 'record_scope', 'requires_mfa'],
  search: ['role_code', 'role_name'],
  sort: ['role_code', 'role_name', 'priority'],
  computed: { is_built_in: { type: 'boolean', sql: (row) => `(${row}"organization_id" is null)` } },
});

export const RoleCodeTaken = defineProblem({
  code: 'conflict',
  status: 409,
  constraint: 'roles_scope_id_role_code_key',
  field: 'role_code',
});
/** To be given back by everybody before it is deleted. */
defineProblem({
  code: 'in_use',
  status: 409,
  constraint: ['roles_held_check', 'user_roles_role_scope_id_role_id_foreign'],
  detail: 'Somebody holds this role.',
});
/** A role of the product's own is what the code says of it. */
export const builtIn = () => Conflict({ detail: 'A built-in role is the same for every tenant.' });
