export { ArchivesModule } from './archives.module.js';
export { Export } from './exports/export.entity.js';
export { checksumOf } from './format/archive-file.js';
export { ArchiveRefused } from './format/archive-format.js';
export { PlatformArchive } from './platform-archive.js';
export { ArchiveTrials } from './restoring/archive-trials.js';
export { TenantRestores } from './restoring/tenant-restores.js';
export { TenantExports } from './tenant-exports.js';
