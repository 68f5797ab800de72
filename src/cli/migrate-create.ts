import { Option } from 'commander';
import { action, type Define, later } from './command.js';

export const migrateCreate: Define = (program) => {
  program
    .command('migrate:create')
    .description('write a migration of what the entities have that the snapshot lacks (needs no database)')
    .argument('<name>', 'what it does, in snake_case: leads_add_score')
    .addOption(new Option('--plane <plane>', 'which set of tables').choices(['core', 'tenant']).makeOptionMandatory())
    .option('--blank', 'an empty one, for SQL by hand')
    .action(action(later(() => import('./migrate-create/run.js'))));
};
