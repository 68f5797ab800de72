import type { TenantPlaces } from '../src/modules/tenants/index.js';
import type { Tenancy } from '../src/platform/tenancy/index.js';
import type { PlatformUnit } from '../src/platform/tenancy/platform.js';
import type { Isolation, OrganizationData } from './data/organizations.js';

/** One thing that a seeder made, renewed or found: a line, and what it holds. */
export interface Step {
  readonly done: 'created' | 'renewed' | 'there' | 'skipped';
  /** As it follows "Created": `entitlement profile: Free`. */
  readonly what: string;
  readonly holds?: string;
}

/** What seeders work with. */
export interface Seeding {
  readonly platform: PlatformUnit;
  readonly tenancy: Tenancy;
  readonly places: TenantPlaces;
  /** Where a demo organization is put that is not there yet. */
  readonly isolationOf: (organization: OrganizationData) => Isolation;
  /** Schema of the shared location. */
  readonly sharedSchema: string;
  /** The one hash of the demo password, made when somebody is there to get it: a hash costs a quarter of a second. */
  readonly passwordHash: () => Promise<string>;
}

/**
 * A set of rows that the product or its demonstration starts from. A run makes what is missing and leaves alone what is
 * there, so a second one changes nothing. Each of its transactions is whole or not there.
 */
export interface Seeder {
  readonly name: string;
  /** One line for `seed --list`. */
  readonly about: string;
  readonly dependsOn: readonly string[];
  /** It makes logins or data of the demonstration: production runs it with a SEED_PASSWORD alone. */
  readonly demo: boolean;
  run(seeding: Seeding): Promise<Step[]>;
}

export const madeOrThere = (made: boolean, what: string, holds?: string): Step => ({
  done: made ? 'created' : 'there',
  what,
  ...(holds === undefined ? {} : { holds }),
});
