export * from './plan.entity.js';
export * from './subscription.entity.js';
export { Subscriptions } from './subscriptions.js';
export { SubscriptionsModule } from './subscriptions.module.js';
