import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { freePort } from '../../support/server.js';
import { environmentOf, INSIDE, type Ran, tenantryAlone } from './cli.js';

/** Has a process tell at its end, on the standard error, what it loaded: one address a line. */
const TELLS_LOADED = `
  import { registerHooks } from 'node:module';
  const loaded = new Set();
  registerHooks({ load: (url, context, next) => (loaded.add(url), next(url, context)) });
  process.on('exit', () => process.stderr.write([...loaded].join('\\n')));`;
const LOADED = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TELLS_LOADED)}` };
const packagesIn = (urls: string): string[] => [
  ...new Set([...urls.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map(([, name]) => name ?? '')),
];

describe('the command line', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  const run = (args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Ran> =>
    tenantryAlone(args, { env: { ...environmentOf(database), ...env } });
  const isSound = async (): Promise<boolean> => {
    const rows = await database.sql<{ there: boolean }>(
      `select to_regclass('core.users') is not null and to_regclass('shared.crm_leads') is not null as there`,
    );
    return rows[0]?.there === true;
  };

  describe('called wrongly ends with 2', () => {
    it('at a command that there is not', async () => {
      const { code, out, err } = await run(['migrat']);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/unknown command 'migrat'/);
      expect(err).not.toMatch(INSIDE);
    });

    it('with one document on the standard output, with --json', async () => {
      const { code, document, err } = await run(['migrate', '--steps', 'none', '--json']);
      expect(code).toBe(2);
      expect(document()).toMatchObject({
        ok: false,
        error: { code: 'usage', message: expect.stringContaining('--steps') },
      });
      expect(err).not.toMatch(INSIDE);
    });

    it('at a seeder that there is not, with those that there are', async () => {
      const { code, err } = await run(['seed', 'nonsense']);
      expect(code).toBe(2);
      expect(err).toMatch(/there is no seeder "nonsense": there are entitlements, roles/);
    });
  });

  it.each([[['--help']], [['verify', '--help']], [['migrat']], [['migrate', '--steps', 'none']], [['config']]])(
    'loads nothing of the application for %j',
    async (args) => {
      const { err } = await run(args, LOADED);
      expect(packagesIn(err).sort()).toEqual(['commander', 'reflect-metadata']);
      expect(err).not.toMatch(/dist\/src\/(app\.|platform|modules|business)|\.seeder\.js/);
    },
  );

  it('ends with 3 at a configuration that cannot be served, and tells all of its faults at once', async () => {
    const { code, out, err } = await run(['migrate:status'], {
      PORT: 'http',
      LOG_LEVEL: 'loud',
      SECRET_KEY: 'short',
      DATABASE_PLATFORM_URL: undefined,
      DEFAULT_TENANT_SCHEMA: 'public',
    });
    expect({ code, out }).toEqual({ code: 3, out: '' });
    for (const name of ['PORT', 'LOG_LEVEL', 'SECRET_KEY', 'DATABASE_PLATFORM_URL', 'DEFAULT_TENANT_SCHEMA'])
      expect(err).toMatch(new RegExp(`^ {2}${name} .+\\. .+`, 'm'));
    expect(err).toContain('5 faults');
    expect(err).not.toMatch(INSIDE);
  });

  describe('ends with 4 at a database', () => {
    it('that is not there, and says what to do', async () => {
      const url = `postgres://tenantry_owner:nobody-knows@127.0.0.1:${String(await freePort())}/tenantry`;
      const urls = { DATABASE_URL: url, DATABASE_APP_URL: url, DATABASE_PLATFORM_URL: url };
      const { code, document, err } = await run(['migrate:status', '--json'], urls);
      expect(code).toBe(4);
      expect(document()).toMatchObject({ ok: false, error: { code: 'database_unreachable' } });
      expect(err).toMatch(/cannot be reached/);
      expect(err).not.toMatch(INSIDE);
      expect(err).not.toContain('nobody-knows');
    });

    it('that does not let the login in', async () => {
      const { code, err } = await run(['migrate:status'], {
        DATABASE_URL: database.urls.owner.replace('owner:owner', 'owner:wrong'),
      });
      expect(code).toBe(4);
      expect(err).toMatch(/password/);
    });
  });

  it('config: prints what is in force and where it came from, and no secret', async () => {
    const secret = 'a secret that must never be printed anywhere';
    const { code, document, out } = await run(['config', '--json'], {
      SECRET_KEY: secret,
      S3_BUCKET: 'files',
      S3_ACCESS_KEY: 'AKIAIOSFODNN7EXAMPLE',
      S3_SECRET_KEY: 'wJalrXUtnFEMI/K7MDENG',
      DATABASE_MOVER_URL: 'postgres://tenantry_mover:mover-password@db.example.com:5432/tenantry',
      TENANT_SERVERS: 'eu-1=postgres://tenantry_owner:server-password@eu.example.com/tenantry',
    });
    expect(code).toBe(0);
    const { settings } = document() as { settings: { name: string; value: string; source: string }[] };
    const value = (name: string) => settings.find((setting) => setting.name === name);
    expect(value('S3_BUCKET')).toMatchObject({ value: 'files', source: 'environment' });
    expect(value('PORT')).toMatchObject({ value: '3000', source: 'default' });
    expect(value('DATABASE_MOVER_URL')?.value).toContain('db.example.com');
    for (const hidden of [secret, 'wJalrXUtnFEMI', 'mover-password', 'server-password', 'another secret', ':owner@'])
      expect(out).not.toContain(hidden);
  });

  describe('in production', () => {
    const production = { ENVIRONMENT: 'production' };

    it('refuses the secret of the example and the demo password, both at once', async () => {
      const { code, err } = await run(['config'], {
        ...production,
        SECRET_KEY: 'change-me-change-me-change-me-change-me',
        ENCRYPTION_KEY: undefined,
        SEED_PASSWORD: 'password123',
        BACKEND_CORS_ORIGINS: '["*"]',
      });
      expect(code).toBe(3);
      for (const fault of [
        /SECRET_KEY is the one of \.env\.example/,
        /ENCRYPTION_KEY is missing/,
        /SEED_PASSWORD is the demo password/,
        /BACKEND_CORS_ORIGINS holds \*/,
      ])
        expect(err).toMatch(fault);
    });

    it('drops nothing unless it is told so, and the database by its name', async () => {
      const untold = await run(['db:reset'], production);
      expect(untold).toMatchObject({ code: 2, out: '' });
      expect(untold.err).toContain(`--i-know-what-i-do --database ${database.name}`);
      const misnamed = await run(['db:reset', '--i-know-what-i-do', '--database', 'tenantry'], production);
      expect(misnamed).toMatchObject({ code: 2, out: '' });
      const down = await run(['migrate:down', '--all'], production);
      expect(down).toMatchObject({ code: 2, out: '' });
      expect((await run(['migrate:down', '--database', 'another'], production)).code).toBe(2);
      expect(down.err).toContain(`migrate:down --all --i-know-what-i-do --database ${database.name}`);
      expect(await isSound()).toBe(true);
    });

    it('seeds no demo login without a password of somebody’s choice', async () => {
      await database.sql(`delete from core.audit_log where action = 'seed'`);
      const { code, err } = await run(['seed'], production);
      expect(code).toBe(3);
      expect(err).toContain('SEED_PASSWORD is not set');
    });
  });

  it('db:reset: leaves a database as a first start does', async () => {
    await database.sql(`update core.organizations set tenant_name = 'Changed' where tenant_code = 'acme'`);
    const { code, document } = await run(['db:reset', '--no-seed', '--database', database.name, '--json']);
    expect(code).toBe(0);
    expect(document()).toMatchObject({
      ok: true,
      database: database.name,
      dropped: ['shared', 'tenancy', 'pgboss', 'core'],
      seeders: [],
    });
    expect(await isSound()).toBe(true);
    expect(await database.sql('select from core.organizations')).toEqual([]);
  });
});
