import { action, type Define, later } from './command.js';

export const migrateCheck: Define = (program) => {
  program
    .command('migrate:check')
    .description('drift: the entities against the snapshots, core and every location')
    .action(action(later(() => import('./migrate-check/run.js'))));
};
