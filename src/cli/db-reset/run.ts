import { inOrder, SEEDERS } from '../../../seeders/index.js';
import { databaseOf, Migrator } from '../../platform/database/index.js';
import { assertMeant, type Meant } from '../meant.js';
import { migrationsIn, migratorOf, stepJson } from '../migrations.js';
import { reportJson, seedThrough } from '../seed/run.js';
import type { Session } from '../session.js';

interface Options extends Meant {
  readonly seed: boolean;
}

export async function run(session: Session, options: Options) {
  const urls = await session.ownerUrls();
  const database = databaseOf(urls.owner);
  assertMeant(session, 'db:reset', options, database);
  const dropped = await new Migrator(urls, session.config().sharedSchema).drop();
  session.out.line(`✓ Dropped ${dropped.join(', ')} of the database ${database}.`);
  const applied = await (await migratorOf(session)).migrate();
  session.out.line(`Applied ${migrationsIn(applied.length)}.`);
  const seeded = options.seed && mayBeSeeded(session);
  const reports = seeded ? await seedThrough(session, [], inOrder(SEEDERS).length) : [];
  return { ok: true, database, dropped, applied: applied.map(stepJson), seeders: reports.map(reportJson) };
}

/** Without a password of somebody's choice production is left empty. */
function mayBeSeeded(session: Session): boolean {
  if (session.config().seedPassword !== undefined) return true;
  session.out.line(
    'Nothing was seeded: SEED_PASSWORD is not set. A product starts from: tenantry seed entitlements roles',
  );
  return false;
}
