import type { DatabaseUrls } from '../../src/platform/database/index.js';

/** The product as it ships to production: the environment of a node on these databases. */
export const productEnvironment = (
  { owner, app, platform, mover }: DatabaseUrls,
  port = 3000,
): Record<string, string> => ({
  ENVIRONMENT: 'production',
  PORT: String(port),
  HOST: '127.0.0.1',
  // a bench of many tenants takes longer than a token lives
  ACCESS_TOKEN_EXPIRE_MINUTES: '600',
  SECRET_KEY: 'signs the tokens of the bench and of nothing else',
  ENCRYPTION_KEY: 'encrypts nothing but what the bench has stored',
  DATABASE_APP_URL: app,
  DATABASE_PLATFORM_URL: platform,
  ...(owner === undefined ? {} : { DATABASE_URL: owner }),
  ...(mover === undefined ? {} : { DATABASE_MOVER_URL: mover }),
});
