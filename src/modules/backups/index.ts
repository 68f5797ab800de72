export { BackupPlaces } from './backup-places.js';
export { BackupRestores, type Outcome } from './backup-restores.js';
export type { BackupStore } from './backup-store.js';
export { Backups } from './backups.js';
export { BackupsModule } from './backups.module.js';
