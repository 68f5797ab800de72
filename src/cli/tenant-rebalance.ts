import { action, type Define, later } from './command.js';

export const tenantRebalance: Define = (program) => {
  program
    .command('tenant:rebalance')
    .description('propose moves of tenants that would bring the servers to about the same load; moves nobody')
    .option('--plan', 'what it does: print the moves and the commands that make them')
    .action(action(later(() => import('./tenant-rebalance/run.js'))));
};
