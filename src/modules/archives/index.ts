export { checksumOf } from './archive-file.js';
export { ArchiveRefused } from './archive-format.js';
export { ArchivesModule } from './archives.module.js';
export { ArchiveTrials } from './archive-trials.js';
export { PlatformArchive } from './platform-archive.js';
export { TenantExports } from './tenant-exports.js';
export { TenantRestores } from './tenant-restores.js';
