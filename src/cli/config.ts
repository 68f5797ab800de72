import { describeConfig } from '../config/index.js';
import { action, type Define } from './command.js';
import type { Session } from './session.js';

export const config: Define = (program) => {
  program.command('config').description('the configuration in force, secrets masked').action(action(run));
};

function run(session: Session) {
  const settings = describeConfig(session.config());
  session.out.table(
    ['variable', 'value', 'from'],
    settings.map(({ name, value, source }) => [name, value === '' ? '–' : value, source]),
  );
  return Promise.resolve({ ok: true, settings });
}
