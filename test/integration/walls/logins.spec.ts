import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { database as databaseModule } from '../../support/dist.js';
import { freshDatabase } from '../../support/database.js';
import { startApp } from '../../support/app.js';
import { ISOLATIONS } from '../../support/places.js';
import { makeWorlds, STARTS_MS, type World, type Worlds } from './world.js';

let worlds: Worlds;
beforeAll(async () => {
  worlds = await makeWorlds();
}, STARTS_MS);
afterAll(() => worlds.close());

const NOT_ALLOWED = { code: '42501' };

describe.each(ISOLATIONS)('wall 5, in %s: the logins', (isolation) => {
  let world: World;
  let app: pg.Client;
  let schema: string;
  beforeAll(async () => {
    world = worlds[isolation];
    schema = world.mine.placement.schema;
    app = new pg.Client(world.url('app'));
    await app.connect();
  });
  afterAll(() => app.end());

  it.each([
    'truncate SCHEMA.crm_leads',
    'alter table SCHEMA.crm_leads disable row level security',
    'drop policy own_rows on SCHEMA.crm_leads',
    'create table SCHEMA.mine (id int)',
    'create schema mine',
    'create temporary table mine (id int)',
    'set role tenantry_owner',
    'set role tenantry_platform',
    'select from tenancy.fence',
    `update tenancy.fence set state = 'active'`,
    'select from SCHEMA.audit_log_default',
    'update SCHEMA.audit_log set action = $$nothing$$',
    'delete from SCHEMA.audit_log',
  ])('let the application not: %s', async (sql) => {
    await expect(app.query(sql.replace('SCHEMA', schema))).rejects.toMatchObject(NOT_ALLOWED);
  });

  it('see nothing of a table without its setting', async () => {
    for (const table of ['crm_leads', 'boards', 'posts', 'audit_log'])
      expect((await app.query(`select from ${schema}.${table}`)).rowCount).toBe(0);
  });

  it('let the platform’s login see nothing of a tenant’s tables', async () => {
    const platform = new pg.Client(world.url('platform'));
    await platform.connect();
    for (const table of ['crm_leads', 'boards', 'posts', 'audit_log'])
      await expect(platform.query(`select from ${schema}.${table}`)).rejects.toMatchObject(NOT_ALLOWED);
    await platform.end();
  });

  it('do not open the tenant plane by the setting of core, nor the reverse', async () => {
    const core = (setting: string) => `select set_config('app.${setting}', $1, true)`;
    const seen = async (setting: string): Promise<[mine: number, people: number]> => {
      const count = async (from: pg.Client, table: string) => {
        await from.query('begin');
        await from.query(core(setting), [world.mine.id]);
        const { rowCount } = await from.query(`select from ${table}`);
        await from.query('rollback');
        return rowCount ?? 0;
      };
      const main = new pg.Client(world.app.database.urls.app);
      await main.connect();
      const found: [number, number] = [await count(app, `${schema}.crm_leads`), await count(main, 'core.user_roles')];
      await main.end();
      return found;
    };
    expect(await seen('core_organization_id')).toEqual([0, expect.any(Number)]);
    const [leads, people] = await seen('organization_id');
    expect(leads).toBeGreaterThan(0);
    expect(people).toBe(0);
  });
});

describe('wall 5, in core: the logins', () => {
  let app: pg.Client;
  beforeAll(async () => {
    app = new pg.Client(worlds.app.database.urls.app);
    await app.connect();
  });
  afterAll(() => app.end());

  it.each([
    'select from core.sessions',
    'select from core.locations',
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
    await expect(app.query(sql)).rejects.toMatchObject(NOT_ALLOWED);
  });

  it('see nothing of a table without its setting', async () => {
    for (const table of ['core.users', 'core.organizations', 'core.user_roles', 'core.audit_log'])
      expect((await app.query(`select from ${table}`)).rowCount).toBe(0);
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

  it('does not start with such a table in a schema of one tenant’s own', async () => {
    const message = await breach(
      'create schema tenant_leaky; create table tenant_leaky.leak (organization_id uuid not null, id uuid)',
    );
    expect(message).toContain('tenant_leaky.leak');
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

describe('a database of one tenant’s own in which a wall is missing', () => {
  it('is told of by tenantry doctor, by what asks each of them', async () => {
    const { at, url, mine } = worlds.database;
    const app = new pg.Client(url('app'));
    await app.connect();
    const faults = () => databaseModule.inspectWalls((sql) => app.query(sql));
    expect(await faults()).toEqual([]);
    await at.sql('alter table crm_leads no force row level security');
    await at.sql('grant truncate on posts to tenantry_app');
    expect(await faults()).toEqual([
      expect.stringContaining(`${mine.placement.schema}.posts (truncate)`),
      expect.stringMatching(/not enabled and forced on tenant\.crm_leads/),
    ]);
    await app.end();
  });
});
