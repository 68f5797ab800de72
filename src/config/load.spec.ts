import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { describeConfig } from './config.js';
import { ConfigError } from './fault.js';
import { loadConfig } from './load.js';
import type { Env } from './reader.js';
import { exampleSecret } from './variables.js';

const key = 'a-key-that-is-long-enough-for-anybody';
const dataDir = mkdtempSync(join(tmpdir(), 'tenantry-config-'));
const development: Env = { SECRET_KEY: key, ENCRYPTION_KEY: key };
const production: Env = { ...development, ENVIRONMENT: 'production' };
const url = (login: string): string => `postgres://${login}:p%40ss@db:5432/tenantry`;

function faultsOf(env: Env): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.faults.map(({ name, wrong, remedy }) => `${name} ${wrong}. ${remedy}`);
    throw error;
  }
  return [];
}

afterAll(() => {
  rmSync(dataDir, { recursive: true });
});

describe('the defaults', () => {
  it('are those of configuration.md', () => {
    const config = loadConfig(development);
    expect(config).toMatchObject({
      projectName: 'Tenantry',
      environment: 'development',
      port: 3000,
      host: '127.0.0.1',
      database: { kind: 'embedded' },
      sharedSchema: 'shared',
    });
    expect(config).toMatchObject({
      tenantMaxConnections: 40,
      poolMax: 8,
      connectionLifetimeMs: 1_800_000,
      jobsConcurrency: 4,
      multiTenancy: true,
      defaultTenant: 'default',
      moveRetentionMs: 86_400_000,
      tenantGraceMs: 2_592_000_000,
      backupSchedule: undefined,
      backupKeep: 7,
    });
    expect(config).toMatchObject({
      algorithm: 'HS256',
      accessTokenMinutes: 30,
      refreshTokenDays: 7,
      jwtIssuer: 'tenantry',
      jwtAudience: 'tenantry-api',
      corsOrigins: [],
    });
    expect(config).toMatchObject({ slowQueryMs: 200, logLevel: 'info', logPretty: true, seedPassword: 'password123' });
    expect(config.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(config.dataDir).toBe(join(process.cwd(), '.data'));
  });

  it('differ in production where they must', () => {
    expect(loadConfig(production)).toMatchObject({ host: '0.0.0.0', logPretty: false, seedPassword: undefined });
  });

  it('also stand in for empty variables', () => {
    expect(loadConfig({ ...development, PORT: '', TRUST_PROXY: ' ' })).toMatchObject({
      port: 3000,
      trustProxy: undefined,
    });
  });
});

describe('a faulty environment', () => {
  it('is told in one message, a line a fault', () => {
    const env = {
      ENVIRONMENT: 'production',
      PORT: 'abc',
      BACKEND_CORS_ORIGINS: '["*"]',
      SEED_PASSWORD: 'password123',
      SECRET_KEY: 'short',
      ENCRYPTION_KEY: exampleSecret,
    };
    expect(() => loadConfig(env)).toThrow(ConfigError);
    const faults = faultsOf(env);
    expect(faults.map((line) => line.split(' ')[0])).toEqual([
      'PORT',
      'SEED_PASSWORD',
      'BACKEND_CORS_ORIGINS',
      'SECRET_KEY',
      'ENCRYPTION_KEY',
    ]);
    expect(faults[0]).toBe('PORT ("abc") is not a whole number from 0 to 65535. Write one. Left out, it is 3000.');
    expect(new ConfigError([{ name: 'A', wrong: 'is bad', remedy: 'Mend it.' }]).message).toBe(
      'The configuration has one fault, so nothing was started:\n  A is bad. Mend it.',
    );
  });

  it.each([
    [{ ENVIRONMENT: 'staging' }, 'ENVIRONMENT ("staging") is none of development, test, production'],
    [{ PORT: '65536' }, 'PORT ("65536") is not a whole number'],
    [{ PORT: '0' }, 'PORT (0) would take any free port'],
    [{ TRUST_PROXY: 'true' }, 'TRUST_PROXY ("true") trusts everybody'],
    [{ TRUST_PROXY: '0.0.0.0/0' }, 'TRUST_PROXY ("0.0.0.0/0") trusts everybody'],
    [{ TRUST_PROXY: '10.0.0.0/40' }, 'which is no network'],
    [{ DEFAULT_TENANT_SCHEMA: 'public' }, 'the schema public belongs to PostgreSQL'],
    [{ DEFAULT_TENANT_SCHEMA: 'core' }, 'the schema core holds the tables of the product'],
    [{ DEFAULT_TENANT_SCHEMA: 'pg_x' }, 'is refused'],
    [{ ALGORITHM: 'RS256' }, 'ALGORITHM ("RS256") is not HS256, which is all that this version serves'],
    [{ DATABASE_URL: url('owner') }, 'DATABASE_APP_URL is missing although DATABASE_URL is set'],
    [{ DATABASE_APP_URL: url('app') }, 'DATABASE_PLATFORM_URL is missing although DATABASE_APP_URL is set'],
    [{ DATABASE_URL: 'mysql://u:topsecret@db/x' }, 'DATABASE_URL does not begin with postgres://'],
    [{ DATABASE_URL: 'postgres://db' }, 'DATABASE_URL names no database'],
    [{ DATABASE_PLATFORM_URL: `${url('x')}?pgbouncer=true` }, 'DATABASE_PLATFORM_URL leads through a pooler'],
    [{ DATABASE_MOVER_URL: `${url('x')}?pgbouncer=true` }, 'DATABASE_MOVER_URL leads through a pooler'],
    [{ TENANT_SERVERS: `eu=${url('x')}?pgbouncer=true` }, 'has a server eu whose address leads through a pooler'],
    [{ DATABASE_APP_URL: `${url('x')}?pgbouncer=1` }, 'DATABASE_APP_URL has a parameter pgbouncer that is neither'],
    [{ TENANT_SERVERS: `main=${url('owner')}` }, 'TENANT_SERVERS names a server main'],
    [{ TENANT_SERVERS: `eu=${url('owner')},eu=${url('owner')}` }, 'names eu twice'],
    [{ BACKUP_SCHEDULE: '15 3 * *' }, 'BACKUP_SCHEDULE ("15 3 * *") is no schedule'],
    [{ BACKUP_SCHEDULE: '15 3 * * * *' }, 'BACKUP_SCHEDULE ("15 3 * * * *") is no schedule'],
    [{ DB_CONNECTION_LIFETIME: 'soon' }, 'DB_CONNECTION_LIFETIME ("soon") is not a duration'],
    [{ ENABLE_MULTI_TENANCY: 'perhaps' }, 'is neither true nor false'],
    [{ BACKEND_CORS_ORIGINS: 'https://a.example' }, 'is not JSON'],
    [{ BACKEND_CORS_ORIGINS: '["https://a.example/"]' }, 'which is not an origin'],
    [{ SMTP_URL: 'smtp://mail' }, 'MAIL_FROM is missing although SMTP_URL is set'],
    [{ S3_ACCESS_KEY: 'x' }, 'S3_BUCKET is missing although S3_ACCESS_KEY is set'],
    [{ SECRET_KEY: 'x'.repeat(31) }, 'SECRET_KEY has only 31 of at least 32 characters'],
  ])('%j is refused with a reason', (env, reason) => {
    expect(faultsOf({ ...development, ...env }).join('\n')).toContain(reason);
  });

  it('never repeats a secret', () => {
    const lines = faultsOf({
      ...development,
      DATABASE_URL: 'mysql://u:topsecret@db/x',
      SECRET_KEY: 'topsecret',
      TENANT_SERVERS: 'topsecret',
    }).join('\n');
    expect(lines).toContain('SECRET_KEY');
    expect(lines).not.toContain('topsecret');
  });

  it('is refused in production without keys of its own', () => {
    expect(faultsOf({ ENVIRONMENT: 'production' })).toHaveLength(2);
    expect(faultsOf({ ...production, SECRET_KEY: exampleSecret }).join()).toContain(
      'SECRET_KEY is the one of .env.example',
    );
    expect(faultsOf({ ...development, SECRET_KEY: exampleSecret, SEED_PASSWORD: 'password123' })).toEqual([]);
  });
});

describe('what is set', () => {
  it('is read in its type', () => {
    const config = loadConfig({
      ...development,
      ENVIRONMENT: 'test',
      PORT: '0',
      TRUST_PROXY: '10.0.0.0/8, loopback',
      DB_CONNECTION_LIFETIME: '30 min',
      TENANT_SERVERS: `eu-1=${url('owner')}, us-1=${url('owner')}?a=1`,
      BACKEND_CORS_ORIGINS: '["https://a.example","http://localhost:5173"]',
      LOG_PRETTY: 'on',
    });
    expect(config).toMatchObject({
      port: 0,
      trustProxy: ['10.0.0.0/8', 'loopback'],
      connectionLifetimeMs: 1_800_000,
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
      logPretty: true,
    });
    expect([...config.tenantServers]).toEqual([
      ['eu-1', url('owner')],
      ['us-1', `${url('owner')}?a=1`],
    ]);
    expect(loadConfig({ ...development, TRUST_PROXY: '2' }).trustProxy).toBe(2);
  });

  it('serves an external database without its owner’s login', () => {
    const { database } = loadConfig({
      ...production,
      DATABASE_APP_URL: url('app'),
      DATABASE_PLATFORM_URL: url('platform'),
    });
    expect(database).toEqual({
      kind: 'external',
      ownerUrl: undefined,
      appUrl: url('app'),
      platformUrl: url('platform'),
      moverUrl: undefined,
    });
  });

  it('keeps the keys it made at first start', () => {
    const first = loadConfig({ DATA_DIR: dataDir });
    const second = loadConfig({ DATA_DIR: dataDir, ENCRYPTION_KEY: key });
    expect(first.secretKey.length).toBeGreaterThanOrEqual(32);
    expect(second).toMatchObject({ secretKey: first.secretKey, encryptionKey: key });
  });
});

describe('describeConfig', () => {
  it('tells every value and its source, without a secret', () => {
    const env = {
      ...production,
      DATABASE_APP_URL: url('app'),
      DATABASE_PLATFORM_URL: url('platform'),
      TENANT_SERVERS: `eu=${url('owner')},us=${url('owner')}`,
      PORT: '8080',
    };
    const settings = describeConfig(loadConfig(env));
    const of = (name: string) => settings.find((setting) => setting.name === name);
    expect(of('PORT')).toEqual({ name: 'PORT', value: '8080', source: 'environment' });
    expect(of('LOG_LEVEL')).toEqual({ name: 'LOG_LEVEL', value: 'info', source: 'default' });
    expect(of('SECRET_KEY')).toEqual({ name: 'SECRET_KEY', value: '********', source: 'environment' });
    expect(of('DATABASE_APP_URL')?.value).toBe('postgres://app:********@db:5432/tenantry');
    expect(of('TENANT_SERVERS')?.value).toBe(
      'eu=postgres://owner:********@db:5432/tenantry,us=postgres://owner:********@db:5432/tenantry',
    );
    expect(JSON.stringify(settings)).not.toMatch(/p%40ss|a-key-that/);
  });
});
