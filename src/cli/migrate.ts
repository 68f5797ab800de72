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
import type { FleetOptions } from '../platform/database/index.js';
import type { Session } from './session.js';

export const migrate: Define = (program) => {
  program
    .command('migrate')
    .description('apply what is pending: core first, then every location')
    .option(TO, 'stop after this migration')
    .addOption(new Option(STEPS, 'at most so many').argParser(count).conflicts('to'))
    .option('--tenant <code or id>', 'of this tenant’s location alone (and core)')
    .addOption(
      new Option('--canary <n>', 'so many own locations first; the others only when these succeed').argParser(count),
    )
    .addOption(new Option('--concurrency <n>', 'locations at once (4)').argParser(count))
    .option('--resume', 'only what an earlier run left: pending or failed locations')
    .option('--rights', 'give the logins their rights anew, even where nothing is applied')
    .option('--dry-run', 'tell what would be applied, and change nothing')
    .action(action(run));
};

interface Options extends TargetOptions, FleetOptions {
  readonly tenant?: string;
  readonly dryRun?: boolean;
}

async function run(session: Session, { tenant, dryRun, ...options }: Options) {
  const looking = await migratorOf(session);
  const { locationOf } = await import('./location-of.js');
  const location = tenant === undefined ? {} : { location: await locationOf(session, tenant) };
  const target = { ...(await targetOf(looking, options)), ...location };
  const plan = await looking.plan('up', target);
  if (dryRun === true) {
    printPlan(session, looking, 'apply', plan);
    return { ok: true, dry_run: true, pending: plan.map(planJson) };
  }
  const steps = await (await migratorOf(session, plan.length)).migrate(target, options);
  session.out.line(
    steps.length === 0
      ? 'Nothing to apply: core and every location are up to date.'
      : `Applied ${migrationsIn(steps.length)}.`,
  );
  return { ok: true, dry_run: false, applied: steps.map(stepJson) };
}
