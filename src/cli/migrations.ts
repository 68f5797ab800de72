import type { MigrationStep, Migrator, MigrationTarget, PlannedMigration } from '../platform/database/index.js';
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
  const ownerUrl = await session.ownerUrl();
  // only here: the options above are part of --help, which needs no database
  const { Migrator } = await import('../platform/database/index.js');
  let done = 0;
  return new Migrator(ownerUrl, session.config().sharedSchema, (step) => {
    session.out.line(lineOf(step));
    session.out.progress(++done, total, step.schema);
  });
}

const VERBS: Record<MigrationStep['direction'], string> = { up: '✓ applied', down: '✓ taken back', stamp: '✓ noted' };
const lineOf = ({ schema, name, direction, durationMs }: MigrationStep): string =>
  `${VERBS[direction]}  ${schema}: ${name}  ${String(durationMs)} ms`;

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
export const stepJson = ({ plane, schema, name, direction, durationMs }: MigrationStep) => ({
  plane,
  schema,
  name,
  direction,
  duration_ms: durationMs,
});
export const planJson = ({ plane, schema, name }: PlannedMigration) => ({ plane, schema, name });

/** Tells a plan to people. */
export function printPlan({ out }: Session, verb: string, plan: readonly PlannedMigration[]): void {
  for (const { schema, name } of plan) out.line(`would ${verb}  ${schema}: ${name}`);
  if (plan.length === 0) out.line('Nothing to do.');
}

export const migrationsIn = (count: number): string => `${String(count)} ${count === 1 ? 'migration' : 'migrations'}`;
