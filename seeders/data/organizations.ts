/** A demo organization: modules.md, "Seed data". Its code is also its subdomain. */
export interface OrganizationData {
  readonly code: string;
  readonly name: string;
  readonly tier: 'free' | 'starter' | 'professional' | 'enterprise';
  readonly status: 'active' | 'suspended';
  readonly enabledModules: Readonly<Record<string, boolean>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly isolation: Isolation;
}
export type Isolation = 'shared' | 'schema' | 'database';

export const ORGANIZATIONS: readonly OrganizationData[] = [
  {
    code: 'testcorp',
    name: 'Test Corp',
    tier: 'enterprise',
    status: 'active',
    enabledModules: {},
    settings: { theme: 'light', locale: 'en-US', currency: 'USD', time_zone: 'America/New_York' },
    isolation: 'shared',
  },
  {
    code: 'acme',
    name: 'Acme Industries',
    tier: 'professional',
    status: 'active',
    enabledModules: {},
    settings: { theme: 'dark', locale: 'de-DE', currency: 'EUR', time_zone: 'Europe/Berlin' },
    isolation: 'schema',
  },
  {
    code: 'globex',
    name: 'Globex Corporation',
    tier: 'starter',
    status: 'active',
    enabledModules: { own_database: true },
    settings: { theme: 'light', locale: 'en-GB', currency: 'GBP', time_zone: 'Europe/London' },
    isolation: 'database',
  },
  {
    code: 'initech',
    name: 'Initech',
    tier: 'free',
    status: 'active',
    enabledModules: {},
    settings: { theme: 'light', locale: 'en-US', currency: 'USD', time_zone: 'America/Chicago' },
    isolation: 'shared',
  },
  {
    code: 'umbrella',
    name: 'Umbrella Group',
    tier: 'starter',
    status: 'suspended',
    enabledModules: {},
    settings: { theme: 'dark', locale: 'fr-FR', currency: 'EUR', time_zone: 'Europe/Paris' },
    isolation: 'shared',
  },
];

export const domainOf = (code: string): string => `${code}.com`;
