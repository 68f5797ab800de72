import { action, type Define, later } from './command.js';

export const seed: Define = (program) => {
  program
    .command('seed')
    .description(
      'make the data that a product starts from; what is there stays (all seeders, or those named with what they need)',
    )
    .argument('[names...]', 'see --list')
    .option('--list', 'the seeders, in the order of what each needs')
    .action(action(later(() => import('./seed/run.js'))));
};
