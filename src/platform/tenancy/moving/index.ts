export * from './move.entity.js';
