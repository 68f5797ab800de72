import { action, type Define, later } from './command.js';

export const tenantExport: Define = (program) => {
  program
    .command('tenant:export')
    .description('write all that there is of a tenant into one file, while it is used; keep it as you keep passwords')
    .argument('<tenant>', 'code or id')
    .requiredOption('--file <path>', 'a new file')
    .action(action(later(() => import('./tenant-export/run.js'))));
};
