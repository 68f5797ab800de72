import { inOrder, runSeeders, SEEDERS, type SeedReport } from '../../../seeders/index.js';
import type { Session } from '../session.js';

export function run(session: Session, names: string[], { list = false }: { list?: boolean }) {
  return list ? Promise.resolve(listed(session)) : seedNow(session, names);
}

function listed({ out }: Session) {
  const seeders = inOrder(SEEDERS).map(({ name, about, dependsOn, demo }) => ({ name, about, needs: dependsOn, demo }));
  out.table(
    ['seeder', 'needs', 'makes'],
    seeders.map(({ name, needs, about }) => [name, needs.join(', ') || '–', about]),
  );
  return { ok: true, seeders };
}

async function seedNow(session: Session, names: readonly string[]) {
  const total = inOrder(SEEDERS, names.length > 0 ? names : undefined).length;
  const reports = await seedThrough(session, names, total);
  const made = reports
    .flatMap(({ steps }) => steps)
    .filter(({ done }) => done === 'created' || done === 'renewed').length;
  session.out.line(
    made === 0 ? 'Nothing was missing.' : `Made or renewed in ${String(made)} ${made === 1 ? 'step' : 'steps'}.`,
  );
  return { ok: true, seeders: reports.map(reportJson) };
}

/** Runs seeders through the application's services, a line a step. */
export async function seedThrough(session: Session, names: readonly string[], total: number): Promise<SeedReport[]> {
  const services = await session.services();
  let done = 0;
  return runSeeders(services, {
    ...(names.length > 0 ? { names } : {}),
    print: (line) => {
      session.out.line(line);
    },
    onSeeder: (name) => {
      session.out.progress(done++, total, name);
    },
  });
}

export const reportJson = ({ seeder, steps, durationMs }: SeedReport) => ({ seeder, duration_ms: durationMs, steps });
