export { Ladder } from './ladder.js';
export * from './permission.entity.js';
export { RbacModule } from './rbac.module.js';
export * from './role.entity.js';
export { RoleRow } from './role.dto.js';
export { roleLock } from './role-lock.js';
export * from './role-permission.entity.js';
export { RolesService } from './roles.service.js';
