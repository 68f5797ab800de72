export type { JobContext, JobOptions, PlatformWork, TenantWork } from './job-kinds.js';
export { JobKinds } from './job-kinds.js';
export { JobOutcomes } from './job-outcomes.js';
export { JobQueue } from './job-queue.js';
export { JobRunner } from './job-runner.js';
export { JobWorkers } from './job-workers.js';
export { Jobs, type SendOptions } from './jobs.js';
