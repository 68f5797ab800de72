import { action, type Define } from './command.js';
import { migratorOf } from './migrations.js';
import type { Session } from './session.js';

export const migrateHistory: Define = (program) => {
  program
    .command('migrate:history')
    .description('every migration with when it was applied where; --verbose adds how long it took and its checksum')
    .action(action(run));
};

async function run(session: Session) {
  const statuses = await (await migratorOf(session)).status();
  const history = statuses.flatMap(({ plane, schema, applied, pending }) => [
    ...applied.map(({ name, checksum, applied_at, duration_ms }) => ({
      plane,
      schema,
      name,
      applied_at: applied_at.toISOString(),
      duration_ms,
      checksum,
    })),
    ...pending.map((name) => ({ plane, schema, name, applied_at: null, duration_ms: null, checksum: null })),
  ]);
  const { out } = session;
  const more = out.verbose ? ['ms', 'checksum'] : [];
  out.table(
    ['schema', 'migration', 'applied', ...more],
    history.map(({ schema, name, applied_at, duration_ms, checksum }) => [
      schema,
      name,
      applied_at ?? 'pending',
      ...(out.verbose ? [duration_ms ?? '', checksum ?? ''] : []),
    ]),
  );
  return { ok: true, history };
}
