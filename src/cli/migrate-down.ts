import { Option } from 'commander';
import { action, count, type Define } from './command.js';
import { assertMeant, BY_NAME, MEANT, type Meant } from './meant.js';
import { migrationsIn, migratorOf, planJson, printPlan, stepJson, type TargetOptions, targetOf } from './migrations.js';
import type { Session } from './session.js';

export const migrateDown: Define = (program) => {
  program
    .command('migrate:down')
    .description('take back the latest migration wherever it is applied, or as many as asked')
    .addOption(new Option('--steps <n>', 'so many').argParser(count).conflicts(['to', 'all']))
    .addOption(new Option('--to <name>', 'all after this one, which stays').conflicts(['steps', 'all']))
    .addOption(new Option('--all', 'all of them: every table goes').conflicts(['steps', 'to']))
    .option(...MEANT)
    .option(...BY_NAME)
    .option('--dry-run', 'tell what would be taken back, and change nothing')
    .action(action(run));
};

interface Options extends TargetOptions, Meant {
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

async function run(session: Session, { all = false, dryRun, ...options }: Options) {
  const looking = await migratorOf(session);
  const target = { ...(await targetOf(looking, options)), all };
  const plan = await looking.plan('down', target);
  if (dryRun === true) {
    printPlan(session, looking, 'take back', plan);
    return { ok: true, dry_run: true, planned: plan.map(planJson) };
  }
  if (all || options.database !== undefined) {
    const { databaseOf } = await import('../platform/database/index.js');
    assertMeant(session, 'migrate:down --all', options, databaseOf((await session.ownerUrls()).owner));
  }
  const steps = await (await migratorOf(session, plan.length)).down(target);
  session.out.line(steps.length === 0 ? 'Nothing to take back.' : `Took back ${migrationsIn(steps.length)}.`);
  return { ok: true, dry_run: false, taken_back: steps.map(stepJson) };
}
