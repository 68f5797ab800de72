import { action, type Define, later } from './command.js';
import { BY_NAME, MEANT } from './meant.js';

export const dbReset: Define = (program) => {
  program
    .command('db:reset')
    .description('drop core and every location, migrate, seed: all data goes')
    .option('--no-seed', 'leave the new database empty')
    .option(...MEANT)
    .option(...BY_NAME)
    .action(action(later(() => import('./db-reset/run.js'))));
};
