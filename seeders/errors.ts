import type { Seeder } from './seeder.js';

// Apart from what throws them: the command line tells them from other errors without loading a seeder.

/** A name that no seeder has; the message lists those there are. */
export class UnknownSeeder extends Error {
  constructor(name: string, seeders: readonly Seeder[]) {
    super(`there is no seeder "${name}": there are ${seeders.map((each) => each.name).join(', ')}.`);
  }
}

/** Production makes logins only with a password that somebody chose. */
export class NoSeedPassword extends Error {
  constructor(seeder: string) {
    super(
      `nothing was seeded: "${seeder}" makes demo logins, and SEED_PASSWORD is not set. Set it, or seed what a product starts from alone: seed entitlements roles.`,
    );
  }
}
