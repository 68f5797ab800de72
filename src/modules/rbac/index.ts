export * from './links.entity.js';
export * from './permission.entity.js';
export * from './role.entity.js';
