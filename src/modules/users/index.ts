export * from './association.entity.js';
export * from './rights.entity.js';
export * from './user.entity.js';
export { assertPasswordAllowed, hashPassword, verifyPassword } from './passwords.js';
