export * from './menu.entity.js';
