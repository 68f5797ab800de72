export { AuthModule } from './auth.module.js';
export { AuthService } from './auth.service.js';
export * from './session.entity.js';
export { Sessions } from './sessions.js';
