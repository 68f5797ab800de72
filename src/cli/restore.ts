import { BACKUP_DIR } from './backup-dir.js';
import { action, type Define, later } from './command.js';

export const restore: Define = (program) => {
  program
    .command('restore')
    .description(
      'put a backup back: the platform’s own, and each tenant that is not in use; again it does what is left',
    )
    .argument('[name]', 'of the backup; by default the newest')
    .option(...BACKUP_DIR)
    .action(action(later(() => import('./restore/run.js'))));
};
