import { action, type Define, later } from './command.js';

export const servers: Define = (program) => {
  program
    .command('servers')
    .description('the PostgreSQL servers of this installation and how much each of them carries')
    .action(action(later(() => import('./servers/run.js'))));
};
