import { action, type Define } from './command.js';
import { migratorOf, placeJson } from './migrations.js';
import type { Session } from './session.js';

export const migrateHistory: Define = (program) => {
  program
    .command('migrate:history')
    .description('every migration with when it was applied where; --verbose adds how long it took and its checksum')
    .action(action(run));
};

async function run(session: Session) {
  const migrator = await migratorOf(session);
  const statuses = await migrator.status();
  const history = statuses.flatMap(({ applied, pending, fault: _, ...status }) => {
    const place = { ...placeJson(status), place: migrator.nameOf(status) };
    const done = applied.map(({ name, checksum, applied_at, duration_ms }) => ({
      ...place,
      name,
      applied_at: applied_at.toISOString(),
      duration_ms,
      checksum,
    }));
    const waiting = pending.map((name) => ({ ...place, name, applied_at: null, duration_ms: null, checksum: null }));
    return [...done, ...waiting];
  });
  const { out } = session;
  const more = out.verbose ? ['ms', 'checksum'] : [];
  out.table(
    ['place', 'migration', 'applied', ...more],
    history.map(({ place, name, applied_at, duration_ms, checksum }) => [
      place,
      name,
      applied_at ?? 'pending',
      ...(out.verbose ? [duration_ms ?? '', checksum ?? ''] : []),
    ]),
  );
  return { ok: true, history };
}
