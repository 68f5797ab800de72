import { Option } from 'commander';
import { BACKUP_DIR } from './backup-dir.js';
import { action, type Define, later } from './command.js';

export const tenantRestore: Define = (program) => {
  program
    .command('tenant:restore')
    .description(
      'put a tenant back from a file of tenant:export or from a backup, in its place or beside it; again it begins anew',
    )
    .argument('[tenant]', 'with --backup: whom, by its code or its id')
    .option('--file <path>', 'what tenant:export wrote')
    .option('--backup [name]', 'as it was in a backup, by default the newest')
    .option(...BACKUP_DIR)
    .option('--as <code>', 'beside whoever there is, as a new tenant of this code; by default as what it was')
    .option('--name <name>', 'with --as: as people call it; by default as the first')
    .option('--admin-email <address>', 'with --as: its address; by default that of the first. Nobody is sent a mail')
    .addOption(new Option('--isolation <isolation>', 'by default as it was').choices(['shared', 'schema', 'database']))
    .option('--server <name>', 'for a database of its own: one of TENANT_SERVERS, or main')
    .action(action(later(() => import('./tenant-restore/run.js'))));
};
