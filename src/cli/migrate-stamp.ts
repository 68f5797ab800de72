import { action, type Define } from './command.js';
import { migrationsIn, migratorOf, stepJson, type TargetOptions, targetOf, TO } from './migrations.js';
import type { Session } from './session.js';

export const migrateStamp: Define = (program) => {
  program
    .command('migrate:stamp')
    .description('note pending migrations as applied without running them: for a database that was made otherwise')
    .option(TO, 'up to this migration')
    .action(action(run));
};

async function run(session: Session, options: TargetOptions) {
  const migrator = await migratorOf(session);
  const steps = await migrator.stamp(await targetOf(migrator, options));
  session.out.line(steps.length === 0 ? 'Nothing to note: all are applied.' : `Noted ${migrationsIn(steps.length)}.`);
  return { ok: true, noted: steps.map(stepJson) };
}
