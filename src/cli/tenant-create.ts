import { Option } from 'commander';
import { action, type Define, later } from './command.js';

export const tenantCreate: Define = (program) => {
  program
    .command('tenant:create')
    .description('make a tenant with its place, groups, menus, a board, and an administrator who is invited by mail')
    .requiredOption('--code <code>', 'letters, digits, _ and -; taken for ever')
    .requiredOption('--name <name>', 'as people call it')
    .requiredOption('--admin-email <address>', 'whom the invitation is sent to')
    .option('--tier <plan>', 'its plan', 'free')
    .option('--id <uuid>', 'its id; by default a new one')
    .addOption(new Option('--isolation <isolation>').choices(['shared', 'schema', 'database']).default('shared'))
    .option('--server <name>', 'for a database of its own: one of TENANT_SERVERS, or main')
    .option('--schema-name <name>', 'for a schema of its own; by default tenant_<code>_<end of its id>')
    .action(action(later(() => import('./tenant-create/run.js'))));
};
