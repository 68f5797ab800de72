export { ArchivesModule } from './archives.module.js';
export { TenantExports } from './tenant-exports.js';
export { TenantRestores } from './tenant-restores.js';
