export { AuthModule } from './auth.module.js';
export * from './session.entity.js';
export * from './tokens/one-time-token.entity.js';
export * from './tokens/one-time-tokens.js';
export { invalidToken } from './tokens/token-problem.js';
