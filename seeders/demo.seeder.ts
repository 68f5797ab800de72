import { demoDefaults } from './demo-defaults.js';
import { demoLocations } from './demo-locations.js';
import { demoOrganizations } from './demo-organizations.js';
import { demoUsers } from './demo-users.js';
import { onCore } from './rows.js';
import type { Seeder, Seeding } from './seeder.js';

/** The organizations and people of the demonstration. The trial of initech begins anew at each run. */
export const demo: Seeder = {
  name: 'demo',
  about: 'the demo organizations with their users; renews the demo trial',
  dependsOn: ['entitlements', 'roles'],
  demo: true,
  run: async ({ platform, places, isolationOf, sharedSchema, passwordHash }: Seeding) => {
    const steps = await onCore(platform, async (run) => {
      const organizations = await demoOrganizations(run, sharedSchema, isolationOf);
      const users = await demoUsers(run, passwordHash);
      return [...organizations, ...users, ...(await demoDefaults(run))];
    });
    return [...steps, ...(await demoLocations(platform, places))];
  },
};
