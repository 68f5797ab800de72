export { AuthModule } from './auth.module.js';
export * from './session.entity.js';
