import { coreEntities, tenantEntities } from '../../app.entities.js';
import { type Drift, findDrift } from '../../platform/database/index.js';
import { migratorOf } from '../migrations.js';
import type { Session } from '../session.js';

export async function run(session: Session) {
  const statuses = await (await migratorOf(session)).status();
  const drifts = await findDrift({
    ownerUrl: await session.ownerUrl(),
    entities: { core: coreEntities, tenant: await tenantEntities() },
    places: statuses,
    onPlace: (drift) => {
      tellOf(session, drift);
    },
  });
  const pending = statuses.flatMap(({ schema, pending }) => pending.map((name) => ({ schema, name })));
  for (const { schema, name } of pending) session.out.line(`✗ ${schema}: ${name} is pending`);
  const ok = pending.length === 0 && drifts.every(({ statements }) => statements.length === 0);
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
