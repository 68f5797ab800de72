export * from './association.entity.js';
export * from './rights.entity.js';
export * from './user.entity.js';
export { type NewMember, NewMembers } from './new-members.js';
export { assertPasswordAllowed, hashPassword, verifyPassword } from './passwords.js';
export { UserRow } from './user.dto.js';
export { Users } from './users.js';
export { UsersModule } from './users.module.js';
