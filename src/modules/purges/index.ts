export { PurgeRunner } from './purge-runner.js';
export { PurgesModule } from './purges.module.js';
export { type Deletion, TenantDeletions } from './tenant-deletions.js';
