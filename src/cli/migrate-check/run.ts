import { coreEntities, tenantEntities } from '../../app.entities.js';
import { type Drift, findDrift } from '../../platform/database/index.js';
import { migratorOf, placeJson } from '../migrations.js';
import type { Session } from '../session.js';

export async function run(session: Session) {
  const migrator = await migratorOf(session);
  const statuses = await migrator.status();
  const drifts = await findDrift({
    urls: await session.ownerUrls(),
    entities: { core: coreEntities, tenant: await tenantEntities() },
    places: statuses.filter(({ fault }) => fault === undefined),
    onPlace: (drift) => {
      tellOf(session, drift);
    },
  });
  const pending = statuses.flatMap((status) =>
    status.pending.map((name) => ({ ...placeJson(status), place: migrator.nameOf(status), name })),
  );
  for (const { place, name } of pending) session.out.line(`✗ ${place}: ${name} is pending`);
  const away = statuses.filter(({ fault }) => fault !== undefined);
  for (const status of away) session.out.line(`✗ ${migrator.nameOf(status)}: ${status.fault ?? ''}`);
  const ok = pending.length === 0 && away.length === 0 && drifts.every(({ statements }) => statements.length === 0);
  session.out.line(
    ok ? 'No drift.' : 'Make a migration of changed entities by migrate:create; apply what is pending by migrate.',
  );
  return { ok, places: drifts, pending };
}

function tellOf({ out }: Session, { plane, place, statements }: Drift): void {
  const name = place === 'snapshot' ? `snapshot of ${plane}` : place;
  out.line(statements.length === 0 ? `✓ ${name}` : `✗ ${name} differs from the entities by:`);
  for (const statement of statements) out.line(`    ${statement}`);
}
