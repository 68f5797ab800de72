import { Option } from 'commander';
import { action, type Define, later } from './command.js';

export const tenantList: Define = (program) => {
  program
    .command('tenant:list')
    .description('every tenant with its plan and where it stands')
    .addOption(
      new Option('--isolation <isolation>', 'of this isolation alone').choices(['shared', 'schema', 'database']),
    )
    .option('--server <name>', 'on this server alone')
    .option('--deleted', 'those that are deleted and not purged yet, too')
    .action(action(later(() => import('./tenant-list/run.js'))));
};
