export * from './user-group.entity.js';
