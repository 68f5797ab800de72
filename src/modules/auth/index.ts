export * from './session.entity.js';
