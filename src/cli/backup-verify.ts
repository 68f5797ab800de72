import { action, type Define, later } from './command.js';

export const backupVerify: Define = (program) => {
  program
    .command('backup:verify')
    .description('restore every archive of a backup for trial, compare it row by row, and take it back')
    .argument('[name]', 'of the backup; by default the newest')
    .option('--dir <path>', 'a folder of backups; by default the bucket, or without one the folder backups of DATA_DIR')
    .action(action(later(() => import('./backup-verify/run.js'))));
};
