import { inOrder, SEEDERS } from '../../seeders/index.js';
import { Migrator } from '../platform/database/index.js';
import { action, type Define } from './command.js';
import { usage } from './exit.js';
import { migrationsIn, migratorOf, stepJson } from './migrations.js';
import { reportJson, seedThrough } from './seed.js';
import type { Session } from './session.js';

interface Options {
  readonly seed: boolean;
  readonly iKnowWhatIDo?: boolean;
  readonly database?: string;
}

export const dbReset: Define = (program) => {
  program
    .command('db:reset')
    .description('drop core and every location, migrate, seed: all data goes')
    .option('--no-seed', 'leave the new database empty')
    .option('--i-know-what-i-do', 'needed in production, with --database')
    .option('--database <name>', 'the name of the database that is emptied; needed in production')
    .action(action(run));
};

async function run(session: Session, options: Options) {
  const ownerUrl = await session.ownerUrl();
  const database = decodeURIComponent(new URL(ownerUrl).pathname.slice(1));
  assertMeant(session, options, database);
  const dropped = await new Migrator(ownerUrl, session.config().sharedSchema).drop();
  session.out.line(`✓ Dropped ${dropped.join(', ')} of the database ${database}.`);
  const applied = await (await migratorOf(session)).migrate();
  session.out.line(`Applied ${migrationsIn(applied.length)}.`);
  const seeded = options.seed && mayBeSeeded(session);
  const reports = seeded ? await seedThrough(session, [], inOrder(SEEDERS).length) : [];
  return { ok: true, database, dropped, applied: applied.map(stepJson), seeders: reports.map(reportJson) };
}

/** A name that is given must be right anywhere; production asks for it. */
function assertMeant(session: Session, { iKnowWhatIDo, database: named }: Options, database: string): void {
  if (named !== undefined && named !== database) {
    throw usage(`Nothing was dropped: the database is not "${named}".`, 'DATABASE_URL names another one.');
  }
  if (session.config().environment !== 'production' || (iKnowWhatIDo === true && named === database)) return;
  throw usage(
    'Nothing was dropped: in production db:reset wants to be told that you know what you do, and the database by its name.',
    `All data of ${database} would be lost. If that is meant: tenantry db:reset --i-know-what-i-do --database ${database}`,
  );
}

/** Without a password of somebody's choice production is left empty. */
function mayBeSeeded(session: Session): boolean {
  if (session.config().seedPassword !== undefined) return true;
  session.out.line(
    'Nothing was seeded: SEED_PASSWORD is not set. A product starts from: tenantry seed entitlements roles',
  );
  return false;
}
