export * from './columns.js';
export * from './fenced-client.js';
export * from './orm-options.js';
export * from './policies.js';
export * from './pools.js';
export * from './migrator.js';
