import { action, type Define, later } from './command.js';

export const doctor: Define = (program) => {
  program
    .command('doctor')
    .description(
      'test the surroundings: database, logins and grants (with the GRANTs to run), policies, migrations, clock',
    )
    .action(action(later(() => import('./doctor/run.js'))));
};
