import { action, type Define, later } from './command.js';

export const tenantResume: Define = (program) => {
  program
    .command('tenant:resume')
    .description(
      'finish tenants that were left half-made: by a crash, a server that was away, a node without the owner’s login',
    )
    .argument('[tenant]', 'code or id; by default all of them')
    .action(action(later(() => import('./tenant-resume/run.js'))));
};
