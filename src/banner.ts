import type { Config } from './config/index.js';

/** What a person who starts it wants to know first. The demo logins are shown in development alone. */
export function banner(config: Config, url: string, embedded: boolean): string[] {
  return [
    '',
    `  ${config.projectName} ${config.version} (${config.environment})`,
    '',
    `  API            ${url}/api/v1`,
    `  Documentation  ${url}/docs`,
    `  Health         ${url}/health/ready`,
    `  Database       ${embedded ? `embedded PostgreSQL in ${config.dataDir}` : 'DATABASE_URL'}`,
    ...(config.environment === 'development' && config.seedPassword !== undefined
      ? [
          '',
          `  Demo logins (password ${config.seedPassword})`,
          '    admin@testcorp.com       everything in Test Corp (enterprise)',
          '    executive@testcorp.com   sees own leads; manager@testcorp.com the team’s',
          '    admin@globex.com         no manufacturing in its plan',
          '    superadmin@example.com   the platform; names a tenant by X-Tenant',
        ]
      : []),
    '',
  ];
}
