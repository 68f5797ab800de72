import { action, type Define, later } from './command.js';

export const accessExplain: Define = (program) => {
  program
    .command('access:explain')
    .description('why somebody may do something, or why not, by the layers that decide on requests')
    .requiredOption('--user <who>', 'e-mail, username or id')
    .option('--tenant <tenant>', 'code or id; without it: a platform user who acts in no tenant')
    .requiredOption('--access <access>', 'like crm.leads:read or user:create')
    .action(action(later(() => import('./access-explain/run.js'))));
};
