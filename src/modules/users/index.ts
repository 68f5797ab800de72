export * from './association.entity.js';
export * from './user.entity.js';
