import { BACKUP_DIR } from './backup-dir.js';
import { action, type Define, later } from './command.js';

export const backupVerify: Define = (program) => {
  program
    .command('backup:verify')
    .description('restore every archive of a backup for trial, compare it row by row, and take it back')
    .argument('[name]', 'of the backup; by default the newest')
    .option(...BACKUP_DIR)
    .action(action(later(() => import('./backup-verify/run.js'))));
};
