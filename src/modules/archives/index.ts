export { ArchivesModule } from './archives.module.js';
export { Export } from './exports/export.entity.js';
export { TenantExports } from './tenant-exports.js';
export { TenantRestores } from './restoring/tenant-restores.js';
