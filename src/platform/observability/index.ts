export { errorForLog } from './error-for-log.js';
export { Health, HEALTH_CHECKS, type HealthCheck, type Readiness } from './health.js';
export { createLog, type Log, type LogOptions } from './log.js';
export { Metrics, type Figures } from './metrics.js';
export { NestLogger } from './nest-logger.js';
export { ObservabilityModule } from './observability.module.js';
export { listenOperations } from './operations-server.js';
export { installRequestLog, type RequestContext } from './request-log.js';
