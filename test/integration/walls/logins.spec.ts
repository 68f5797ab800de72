import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { database as databaseModule } from '../../support/dist.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { startApp } from '../../support/app.js';

describe('wall 5: the logins', () => {
  let database: TestDatabase;
  let app: pg.Client;
  beforeAll(async () => {
    database = await freshDatabase();
    app = new pg.Client(database.urls.app);
    await app.connect();
  });
  afterAll(async () => {
    await app.end();
    await database.drop();
  });

  it.each([
    'truncate shared.crm_leads',
    'alter table shared.crm_leads disable row level security',
    'drop policy own_rows on shared.crm_leads',
    'create table shared.mine (id int)',
    'create schema mine',
    'create temporary table mine (id int)',
    'set role tenantry_owner',
    'set role tenantry_platform',
    'select from core.sessions',
    'select from core.locations',
    'select from tenancy.fence',
    `update tenancy.fence set state = 'active'`,
    'select from shared.audit_log_default',
    'update shared.audit_log set action = $$nothing$$',
    'delete from core.audit_log',
    `update core.organizations set enabled_modules = '{"own_database": true}'`,
    `update core.organizations set status = 'active'`,
    'update core.subscriptions set plan_code = $$enterprise$$',
    'insert into core.access_version values (gen_random_uuid(), 1)',
    'select from pgboss.job',
    'select from pgboss.job_common',
    `insert into pgboss.job (name) values ('exports.run')`,
    `select pgboss.create_queue('mine', '{}')`,
  ])('let the application not: %s', async (sql) => {
    await expect(app.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('see nothing of a table without its setting', async () => {
    for (const table of [
      'shared.crm_leads',
      'shared.audit_log',
      'core.users',
      'core.organizations',
      'core.user_roles',
      'core.audit_log',
    ]) {
      expect((await app.query(`select from ${table}`)).rowCount).toBe(0);
    }
  });

  it('do not open the tenant plane by the setting of core, nor the reverse', async () => {
    const [row] = await database.sql<{ id: string }>(
      `select id from core.organizations where tenant_code = 'testcorp'`,
    );
    await app.query('begin');
    await app.query(`select core.enter($1, null, 'all')`, [row?.id]);
    expect((await app.query('select from core.users')).rowCount).toBeGreaterThan(0);
    expect((await app.query('select from shared.crm_leads')).rowCount).toBe(0);
    await app.query('rollback');
  });
});

describe('a node that finds a wall missing', () => {
  const breach = async (sql: string, login: Record<string, string> = {}): Promise<string> => {
    const database = await freshDatabase();
    const urls = { ...database.urls, app: Object.assign(new URL(database.urls.app), login).href };
    await database.sql(sql);
    try {
      const app = await startApp({ ...database, urls });
      await app.close();
      return 'it started';
    } catch (error) {
      return (error as Error).message;
    } finally {
      await database.drop();
    }
  };

  it('does not start with a table that has organization_id and no forced policy, and says what to do', async () => {
    const message = await breach(
      'create table shared.leak (organization_id uuid not null, id uuid); alter table shared.leak enable row level security',
    );
    expect(message).toContain('shared.leak');
    expect(message).toMatch(/force row level security/i);
  });

  it('does not start with an application login that owns a table', async () => {
    const message = await breach('create table core.mine (id uuid); alter table core.mine owner to tenantry_app');
    expect(message).toContain('core.mine');
    expect(message).toMatch(/owner/i);
  });

  it('does not start with an application login that may truncate', async () => {
    expect(await breach('grant truncate on shared.crm_leads to tenantry_app')).toMatch(/truncate/i);
  });

  it('does not start with an application login that is a member of the owner', async () => {
    // a login of its own: roles are the cluster's, and other test files start nodes at the same time
    const username = 'app_and_owner';
    const sql = `create role ${username} login password '${username}' in role tenantry_app, tenantry_owner`;
    expect(await breach(sql, { username, password: username })).toMatch(/member of, tenantry_owner/);
  });

  it.each([
    ['schema pgboss', 'grant usage on schema pgboss to tenantry_app'],
    ['pgboss.job_common', 'grant select on pgboss.job_common to public'],
  ])('does not start with an application login that reaches %s', async (what, sql) => {
    expect(await breach(sql)).toMatch(new RegExp(`reaches .*${what}.* the jobs of all tenants`));
  });

  it('does not start before its migrations', async () => {
    expect(await breach(`delete from tenancy.migrations where schema_name = 'shared'`)).toMatch(
      /migrations are pending/,
    );
    expect(databaseModule.APP_ROLE).toBe('tenantry_app');
  });
});
