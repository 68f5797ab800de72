import { action, type Define, later } from './command.js';

export const tenantDelete: Define = (program) => {
  program
    .command('tenant:delete')
    .description(
      'shut a tenant, to be restored until its time of grace is over; with --purge, remove it for good. What is half-made is undone',
    )
    .argument('<tenant>', 'code or id; also of one that is deleted already')
    .option('--yes', 'that is meant')
    .option('--purge', 'all that there is of it goes now: rows, schema, database, people, files')
    .option('--confirm <code>', 'with --purge: the code of the tenant, typed once more')
    .action(action(later(() => import('./tenant-delete/run.js'))));
};
