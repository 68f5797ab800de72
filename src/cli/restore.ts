import { action, type Define, later } from './command.js';

export const restore: Define = (program) => {
  program
    .command('restore')
    .description(
      'put a backup back: the platform’s own, and each tenant that is not in use; again it does what is left',
    )
    .argument('[name]', 'of the backup; by default the newest')
    .option('--dir <path>', 'a folder of backups; by default the bucket, or without one the folder backups of DATA_DIR')
    .action(action(later(() => import('./restore/run.js'))));
};
