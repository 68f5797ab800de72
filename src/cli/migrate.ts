import { Option } from 'commander';
import { action, count, type Define } from './command.js';
import {
  migrationsIn,
  migratorOf,
  planJson,
  printPlan,
  stepJson,
  STEPS,
  type TargetOptions,
  targetOf,
  TO,
} from './migrations.js';
import type { Session } from './session.js';

export const migrate: Define = (program) => {
  program
    .command('migrate')
    .description('apply what is pending: core first, then every location')
    .option(TO, 'stop after this migration')
    .addOption(new Option(STEPS, 'at most so many').argParser(count).conflicts('to'))
    .option('--dry-run', 'tell what would be applied, and change nothing')
    .action(action(run));
};

async function run(session: Session, options: TargetOptions & { dryRun?: boolean }) {
  const looking = await migratorOf(session);
  const target = await targetOf(looking, options);
  const plan = await looking.plan('up', target);
  if (options.dryRun === true) {
    printPlan(session, 'apply', plan);
    return { ok: true, dry_run: true, pending: plan.map(planJson) };
  }
  const steps = await (await migratorOf(session, plan.length)).migrate(target);
  session.out.line(
    steps.length === 0
      ? 'Nothing to apply: core and every location are up to date.'
      : `Applied ${migrationsIn(steps.length)}.`,
  );
  return { ok: true, dry_run: false, applied: steps.map(stepJson) };
}
