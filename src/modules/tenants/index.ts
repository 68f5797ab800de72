export * from './organization.entity.js';
