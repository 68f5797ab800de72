import { action, type Define } from './command.js';
import { migratorOf } from './migrations.js';
import type { Session } from './session.js';

export const migrateStatus: Define = (program) => {
  program.command('migrate:status').description('where core and every location stand').action(action(run));
};

async function run(session: Session) {
  const statuses = await (await migratorOf(session)).status();
  const schemas = statuses.map(({ plane, schema, applied, pending }) => ({
    plane,
    schema,
    current: applied.at(-1)?.name ?? null,
    applied: applied.length,
    pending,
  }));
  session.out.table(
    ['schema', 'plane', 'current', 'applied', 'pending'],
    schemas.map(({ schema, plane, current, applied, pending }) => [
      schema,
      plane,
      current ?? 'nothing',
      applied,
      pending.length,
    ]),
  );
  const waiting = schemas.flatMap(({ schema, pending }) => pending.map((name) => `${schema}: ${name}`));
  for (const name of waiting) session.out.line(`pending  ${name}`);
  return { ok: true, schemas };
}
