export { Ladder } from './ladder.js';
export * from './permission.entity.js';
export * from './role.entity.js';
export * from './role-permission.entity.js';
