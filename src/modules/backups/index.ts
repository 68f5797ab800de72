export { BackupFolder } from './backup-folder.js';
export { BackupRestores, type Outcome } from './backup-restores.js';
export { Backups } from './backups.js';
export { BackupsModule } from './backups.module.js';
