import { Option } from 'commander';
import { action, type Define, later } from './command.js';

export const userCreate: Define = (program) => {
  program
    .command('user:create')
    .description('make a login of a tenant, or of the platform; without a password one is made and shown once')
    .requiredOption('--email <address>', 'what he signs in with')
    .addOption(new Option('--tenant <tenant>', 'code or id').conflicts('platform'))
    .addOption(
      new Option('--platform', 'a platform user: super_admin, in any tenant').conflicts([
        'tenant',
        'role',
        'reportsTo',
      ]),
    )
    .option('--username <name>', 'by default what stands before the @')
    .option('--full-name <name>', 'as people call him')
    .option('--role <code...>', 'roles in the tenant; without one he has none', [])
    .option('--reports-to <who>', 'his superior in the tenant: an executive needs one')
    .addOption(new Option('--password <password>', 'seen by whoever sees the process list').conflicts('passwordStdin'))
    .option('--password-stdin', 'read the password from the standard input')
    .action(action(later(() => import('./user-create/run.js'))));
};
