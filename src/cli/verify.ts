import { action, type Define, later } from './command.js';

export const verify: Define = (program) => {
  program
    .command('verify')
    .description(
      'look at everything after a reset: tables, organizations, users, a login, the three layers by real requests',
    )
    .action(action(later(() => import('./verify/run.js'))));
};
