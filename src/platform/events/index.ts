export * from './event-handlers.js';
export * from './outbox.js';
export * from './outbox-publisher.js';
