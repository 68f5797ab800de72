import type { INestApplicationContext } from '@nestjs/common';
import { ZERO_ID } from '../src/common/ids.js';
import { CONFIG, type Config } from '../src/config/index.js';
import { TenantPlaces } from '../src/modules/tenants/index.js';
import { hashPassword } from '../src/modules/users/index.js';
import { LocationMaker, MAIN_SERVER } from '../src/platform/database/index.js';
import { Tenancy } from '../src/platform/tenancy/index.js';
import { PlatformUnit } from '../src/platform/tenancy/platform.js';
import { boards } from './boards.seeder.js';
import type { Isolation } from './data/organizations.js';
import { crmMarketingService } from './crm-marketing-service.seeder.js';
import { demo } from './demo.seeder.js';
import { entitlements } from './entitlements.seeder.js';
import { NoSeedPassword } from './errors.js';
import { inOrder } from './order.js';
import { roles } from './roles.seeder.js';
import { audit, onCore } from './rows.js';
import { salesInventoryManufacturingFinance } from './sales-inventory-manufacturing-finance.seeder.js';
import type { Seeder, Seeding, Step } from './seeder.js';
import { stableId } from './stable-id.js';

export { inOrder } from './order.js';
export type { Seeder, Step } from './seeder.js';
export { ORGANIZATIONS } from './data/organizations.js';
export { organizationId } from './demo-organizations.js';
export { userId } from './demo-users.js';

export const SEEDERS: readonly Seeder[] = [
  entitlements,
  roles,
  demo,
  crmMarketingService,
  salesInventoryManufacturingFinance,
  boards,
];

/** What a seeder did. */
export interface SeedReport {
  readonly seeder: string;
  readonly steps: readonly Step[];
  readonly durationMs: number;
}
export interface SeedOptions {
  /** Which, with what they need; by default all. */
  readonly names?: readonly string[];
  /** Where every demo organization is put, instead of each where the demonstration has it. */
  readonly isolation?: Isolation;
  /** Given each line once it is true: after the commit of what it tells. */
  readonly print?: (line: string) => void;
  /** Given the name of each seeder before it begins. */
  readonly onSeeder?: (name: string) => void;
}
/** The application, or anything else that gives the units and the configuration. */
export type Services = Pick<INestApplicationContext, 'get'>;

/**
 * Runs seeders in the order of what they need. Throws UnknownSeeder for a name that is none and NoSeedPassword before
 * anything was written.
 */
export async function runSeeders(
  services: Services,
  { names, isolation, print = ignore, onSeeder = ignore }: SeedOptions = {},
): Promise<SeedReport[]> {
  const config = services.get<Config>(CONFIG);
  const chosen = inOrder(SEEDERS, names);
  const needsPassword = chosen.find((seeder) => seeder.demo);
  if (needsPassword !== undefined && config.seedPassword === undefined) throw new NoSeedPassword(needsPassword.name);
  const seeding = seedingOf(services, config, isolation);
  const reports: SeedReport[] = [];
  for (const seeder of chosen) {
    onSeeder(seeder.name);
    const started = performance.now();
    const steps = await seeder.run(seeding);
    await noteSeeded(seeding, seeder);
    for (const line of steps.flatMap(linesOf)) print(line);
    reports.push({ seeder: seeder.name, steps, durationMs: Math.round(performance.now() - started) });
  }
  return reports;
}

/** Whether every seeder has once come to its end on this database. */
export async function isSeeded(services: Services): Promise<boolean> {
  const rows = await services
    .get<PlatformUnit>(PlatformUnit)
    .query<{ resource: string }>({ text: SEEDED, values: [ZERO_ID] });
  const seeded = new Set(rows.map(({ resource }) => resource));
  return SEEDERS.every(({ name }) => seeded.has(name));
}

const SEEDED = `select distinct resource from core.audit_log where organization_id = $1 and action = 'seed'`;

/** That a seeder has run is an event like any other: it stands in the platform's audit log, once. */
async function noteSeeded({ platform }: Seeding, { name }: Seeder): Promise<void> {
  await onCore(platform, async (run) => {
    const seeded = await run<{ resource: string }>({ text: SEEDED, values: [ZERO_ID] });
    if (seeded.some(({ resource }) => resource === name)) return;
    const entry = { organizationId: ZERO_ID, action: 'seed', resource: name, resourceId: stableId('seeder', name) };
    await audit(run, 'core.seeders', [entry]);
  });
}

function seedingOf(
  services: Services,
  { sharedSchema, seedPassword = '' }: Config,
  isolation: Isolation | undefined,
): Seeding {
  // whoever may make neither schema nor database still gets the demonstration
  const elsewhere = services.get<LocationMaker>(LocationMaker).canMake(MAIN_SERVER) ? undefined : 'shared';
  let hashed: Promise<string> | undefined;
  return {
    platform: services.get<PlatformUnit>(PlatformUnit),
    tenancy: services.get<Tenancy>(Tenancy),
    places: services.get<TenantPlaces>(TenantPlaces),
    isolationOf: (organization) => isolation ?? elsewhere ?? organization.isolation,
    sharedSchema,
    passwordHash: () => (hashed ??= hashPassword(seedPassword)),
  };
}

const MARKS: Record<Step['done'], string> = {
  created: '✓ Created',
  renewed: '✓ Renewed',
  there: '• Already there:',
  skipped: '• Left out:',
};
const linesOf = ({ done, what, holds }: Step): string[] => [
  `${MARKS[done]} ${what}`,
  ...(holds === undefined ? [] : [`    ${holds}`]),
];
const ignore = (): void => undefined;
