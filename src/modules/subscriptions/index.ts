export * from './plan.entity.js';
export * from './subscription.entity.js';
