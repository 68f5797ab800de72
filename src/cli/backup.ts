import { action, count, type Define, later } from './command.js';

export const backup: Define = (program) => {
  program
    .command('backup')
    .description('write all tenants and what belongs to the platform itself as a new backup, while they are used')
    .option('--dir <path>', 'a folder of backups; by default the bucket, or without one the folder backups of DATA_DIR')
    .option('--keep <number>', 'remove all but the newest ones afterwards, when no tenant failed', count)
    .action(action(later(() => import('./backup/run.js'))));
};
