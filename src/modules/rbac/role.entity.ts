import { defineEntity, p } from '@mikro-orm/postgresql';
import { ZERO_ID } from '../../common/ids.js';
import {
  builtInFilter,
  builtInWall,
  id,
  lowerOf,
  oneOf,
  softDelete,
  stamps,
  version,
} from '../../platform/database/index.js';

/** A role is built-in when its `organizationId` is null. */
export const ROLE_TYPES = ['admin', 'user', 'both'] as const;
export const RECORD_SCOPES = ['all', 'team', 'own'] as const;

const RoleSchema = defineEntity({
  name: 'Role',
  schema: 'core',
  tableName: 'roles',
  ...builtInWall,
  filters: builtInFilter,
  checks: [
    oneOf('roles', 'role_type', ROLE_TYPES),
    oneOf('roles', 'record_scope', RECORD_SCOPES),
    { name: 'roles_priority_check', expression: 'priority >= 0 and priority <= 100' },
  ],
  uniques: [
    { name: 'roles_scope_id_id_key', properties: ['scopeId', 'id'] },
    { name: 'roles_scope_id_role_code_key', properties: ['scopeId', 'roleCodeLower'], where: 'deleted_at is null' },
  ],
  properties: {
    ...id,
    organizationId: p.uuid().nullable(),
    // half of the key by which links refer to a role: its organization, or the zero uuid of a built-in one
    scopeId: p.uuid().generated(`(coalesce(organization_id, '${ZERO_ID}'::uuid)) stored`).nullable().hidden(),
    roleCode: p.string().length(50),
    roleCodeLower: lowerOf('role_code', 50),
    roleName: p.string().length(100),
    description: p.text().nullable(),
    priority: p.integer().default(0),
    roleType: p.string().length(10).default('user').$type<(typeof ROLE_TYPES)[number]>(),
    recordScope: p.string().length(10).default('own').$type<(typeof RECORD_SCOPES)[number]>(),
    requiresMfa: p.boolean().default(false),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class Role extends RoleSchema.class {}
RoleSchema.setClass(Role);
