import type {
  MigratedSchema,
  MigrationStep,
  Migrator,
  MigrationTarget,
  PlannedMigration,
} from '../platform/database/index.js';
import { usage } from './exit.js';
import type { Session } from './session.js';

/** The options by which migrations are chosen. */
export interface TargetOptions {
  readonly to?: string;
  readonly steps?: number;
}
export const TO = '--to <name>';
export const STEPS = '--steps <n>';

/** A migrator that tells each step as a line. `total` is how many there will be, for the bar. */
export async function migratorOf(session: Session, total = 0): Promise<Migrator> {
  const urls = await session.ownerUrls();
  // only here: the options above are part of --help, which needs no database
  const { Migrator } = await import('../platform/database/index.js');
  let done = 0;
  const migrator = new Migrator(urls, session.config().sharedSchema, {
    onStep: (step) => {
      const { name, direction, durationMs } = step;
      const place = migrator.nameOf(step);
      session.out.line(`${VERBS[direction]}  ${place}: ${name}  ${String(durationMs)} ms`);
      session.out.progress(++done, total, place);
    },
    onFailure: ({ message }) => {
      session.out.line(`✗ ${message}`);
    },
  });
  return migrator;
}

const VERBS: Record<MigrationStep['direction'], string> = { up: '✓ applied', down: '✓ taken back', stamp: '✓ noted' };

/** A target with its name made whole: the name itself, its time, or the words after it. */
export async function targetOf(migrator: Migrator, { to, steps }: TargetOptions): Promise<MigrationTarget> {
  if (steps !== undefined) return { steps };
  if (to === undefined) return {};
  const names = [...new Set((await migrator.status()).flatMap(namesOf))].sort();
  const matching = names.filter((name) => name === to || name.startsWith(`Migration${to}`) || name.endsWith(`_${to}`));
  const [name] = matching;
  if (name === undefined) {
    throw usage(
      `There is no migration "${to}".`,
      `The newest is ${names.at(-1) ?? 'none'}; migrate:history lists them.`,
    );
  }
  if (matching.length > 1)
    throw usage(`"${to}" is said of several migrations: ${matching.join(', ')}.`, 'Give the whole name.');
  return { to: name };
}

const namesOf = ({ applied, pending }: Awaited<ReturnType<Migrator['status']>>[number]): string[] => [
  ...applied.map(({ name }) => name),
  ...pending,
];

/** Steps and plans as --json has them. */
export const placeJson = ({ plane, server, database, schema }: MigratedSchema) => ({ plane, server, database, schema });
export const stepJson = ({ name, direction, durationMs, ...place }: MigrationStep) => ({
  ...placeJson(place),
  name,
  direction,
  duration_ms: durationMs,
});
export const planJson = ({ name, ...place }: PlannedMigration) => ({ ...placeJson(place), name });

/** Tells a plan to people. */
export function printPlan({ out }: Session, migrator: Migrator, verb: string, plan: readonly PlannedMigration[]): void {
  for (const step of plan) out.line(`would ${verb}  ${migrator.nameOf(step)}: ${step.name}`);
  if (plan.length === 0) out.line('Nothing to do.');
}

export const migrationsIn = (count: number): string => `${String(count)} ${count === 1 ? 'migration' : 'migrations'}`;
