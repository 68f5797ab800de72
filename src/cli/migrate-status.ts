import { action, type Define } from './command.js';
import { migratorOf, placeJson } from './migrations.js';
import type { Session } from './session.js';

export const migrateStatus: Define = (program) => {
  program.command('migrate:status').description('where core and every location stand').action(action(run));
};

async function run(session: Session) {
  const migrator = await migratorOf(session);
  const statuses = await migrator.status();
  const schemas = statuses.map(({ applied, pending, fault, ...place }) => ({
    ...placeJson(place),
    fault: fault ?? null,
    place: migrator.nameOf(place),
    current: applied.at(-1)?.name ?? null,
    applied: applied.length,
    pending,
  }));
  session.out.table(
    ['place', 'plane', 'current', 'applied', 'pending'],
    schemas.map(({ place, plane, current, applied, pending }) => [
      place,
      plane,
      current ?? 'nothing',
      applied,
      pending.length,
    ]),
  );
  const waiting = schemas.flatMap(({ place, pending }) => pending.map((name) => `${place}: ${name}`));
  for (const name of waiting) session.out.line(`pending  ${name}`);
  for (const { place, fault } of schemas) if (fault !== null) session.out.line(`✗ ${place}: ${fault}`);
  return { ok: schemas.every(({ fault }) => fault === null), schemas };
}
