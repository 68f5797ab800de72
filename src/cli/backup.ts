import { BACKUP_DIR } from './backup-dir.js';
import { action, count, type Define, later } from './command.js';

export const backup: Define = (program) => {
  program
    .command('backup')
    .description('write all tenants and what belongs to the platform itself as a new backup, while they are used')
    .option(...BACKUP_DIR)
    .option('--keep <number>', 'remove all but the newest ones afterwards, when no tenant failed', count)
    .action(action(later(() => import('./backup/run.js'))));
};
