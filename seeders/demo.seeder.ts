import { demoDefaults } from './demo-defaults.js';
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
  run: ({ platform, sharedSchema, passwordHash }: Seeding) =>
    onCore(platform, async (run) => {
      const organizations = await demoOrganizations(run, sharedSchema);
      const users = await demoUsers(run, passwordHash);
      return [...organizations, ...users, ...(await demoDefaults(run))];
    }),
};
