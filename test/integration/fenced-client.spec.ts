import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { FencedClient as Client, Preamble, Statement } from '../../src/platform/database/index.js';
import { database as databaseModule } from '../support/dist.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

const { FencedClient, Pools, PREPARE_CORE, PREPARE_TENANT } = databaseModule;

/** Holds what FencedClient takes from pg's inside: an upgrade of pg that changes it fails here. */
describe.each([
  ['prepared', '', {}],
  // as behind a pooler in transaction mode
  ['where nothing is prepared', '?pgbouncer=true', { perTransaction: { timezone: 'UTC', lock_timeout: '3s' } }],
])('a statement behind its fence, %s', (_, parameters, over) => {
  let database: TestDatabase;
  let client: Client;
  let testcorp: Tenant;
  let globex: Tenant;

  const fenced = (preamble: Preamble, statement: Statement) =>
    new Promise<Record<string, unknown>[]>((resolve, reject) => {
      client.fenced(preamble, statement, (error, result) => {
        if (error) reject(error);
        else resolve(result.rows as Record<string, unknown>[]);
      });
    });
  const as = (tenant: Tenant, statement: Partial<Statement>, over: { epoch?: number; read?: boolean } = {}) =>
    fenced(
      {
        statement: over.read === true ? 'tenancy_enter_read' : 'tenancy_enter',
        values: [tenant.id, over.epoch ?? tenant.placement.epoch, tenant.placement.schema, tenant.adminId],
      },
      { text: 'select 1 as x', values: [], ...statement },
    ).catch((error: unknown) => (error as pg.DatabaseError).code);
  const owners = { text: 'select distinct organization_id as id from crm_leads', values: [] };

  beforeAll(async () => {
    database = await freshDatabase();
    [testcorp, globex] = await Promise.all([tenantOf(database, 'testcorp'), tenantOf(database, 'globex')]);
    client = new FencedClient({ connectionString: database.urls.app, options: '-c search_path=pg_catalog', ...over });
    await client.connect();
    if (parameters === '') await client.query(`${PREPARE_TENANT}; ${PREPARE_CORE}`);
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('sees the rows of its tenant alone, also by a prepared statement that another tenant used', async () => {
    for (const tenant of [testcorp, globex, testcorp]) {
      expect(await as(tenant, { ...owners, name: 'owners' })).toEqual([{ id: tenant.id }]);
      expect(await as(tenant, owners, { read: true })).toEqual([{ id: tenant.id }]);
    }
  });

  it('is refused with a stale epoch before the statement runs, and runs when the epoch holds', async () => {
    const write = {
      name: 'stamp',
      text: `update crm_leads set source = 'stale' where organization_id = $1`,
      values: [testcorp.id],
    };
    expect(await as(testcorp, write, { epoch: 99 })).toBe('TM001');
    expect(await database.sql(`select from shared.crm_leads where source = 'stale'`)).toHaveLength(0);
    expect(await as(testcorp, { name: 'fresh', text: 'select 2 as x' }, { epoch: 99 })).toBe('TM001');
    expect(await as(testcorp, { name: 'fresh', text: 'select 2 as x' })).toEqual([{ x: 2 }]);
  });

  it('is turned away at once while a mover holds the tenant; the neighbour and readers are not', async () => {
    const mover = new pg.Client(database.urls.superuser);
    await mover.connect();
    await mover.query('begin');
    await mover.query(`select pg_advisory_xact_lock(hashtextextended('tenant:' || $1, 0))`, [testcorp.id]);
    expect(await as(testcorp, {})).toBe('TM002');
    expect(await as(testcorp, {}, { read: true })).toEqual([{ x: 1 }]);
    expect(await as(globex, {})).toEqual([{ x: 1 }]);
    await mover.end();
    expect(await as(testcorp, {})).toEqual([{ x: 1 }]);
  });

  it('keeps the connection usable after errors of every kind', async () => {
    const wrong = { name: 'wrong', text: 'select nope from crm_leads', values: [] };
    expect(await as(testcorp, wrong)).toBe('42703');
    expect(await as(testcorp, wrong)).toBe('42703');
    expect(await as(testcorp, { name: 'wrong', text: 'select 3 as x' })).toEqual([{ x: 3 }]);
    const divide = { name: 'divide', text: 'select 1 / $1::int as x' };
    expect(await as(testcorp, { ...divide, values: [0] })).toBe('22012');
    expect(await as(testcorp, { ...divide, values: [1] })).toEqual([{ x: 1 }]);
    expect(
      await as(testcorp, {
        text: 'insert into crm_leads (organization_id, id, name) values ($1, gen_random_uuid(), $2)',
        values: [globex.id, 'x'],
      }),
    ).toBe('42501');
  });

  it('makes the rows of a repeated statement as those of the first time, for each tenant', async () => {
    const mixed = {
      text: `select id, organization_id as tenant_id, tags, metadata, version, created_at, deleted_at, estimated_value, deleted_at is null as living,
        array[1, 2] as numbers, null as nothing, 1 as "__proto__" from crm_leads order by id limit 3`,
      values: [],
    };
    for (const tenant of [testcorp, globex, testcorp]) {
      const repeated = await as(tenant, { ...mixed, name: 'mixed' });
      expect(repeated).toHaveLength(3);
      expect(repeated).toEqual(await as(tenant, mixed));
    }
  });

  it('tells of a value that cannot be written, also when the statement was used before, and goes on', async () => {
    const echo = { name: 'echo', text: 'select $1::jsonb as x' };
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(await as(testcorp, { ...echo, values: ['1'] })).toEqual([{ x: 1 }]);
    await expect(
      fenced(
        { statement: 'tenancy_enter', values: [testcorp.id, testcorp.placement.epoch, 'shared', null] },
        { ...echo, values: [circular] },
      ),
    ).rejects.toThrow('circular');
    expect(await as(globex, { ...echo, values: ['2'] })).toEqual([{ x: 2 }]);
  });

  it('is prepared anew when a migration has changed the type of what it selects', async () => {
    const pools = new Pools(
      { ...database.urls, app: database.urls.app + parameters },
      { max: 3, tenantMax: 1, lifetimeMs: 60_000 },
    );
    const { id, placement, adminId } = testcorp;
    const enter: Preamble = { statement: 'tenancy_enter', values: [id, placement.epoch, placement.schema, adminId] };
    const select = () =>
      pools.fenced(pools.main, enter, { name: 'kind', text: 'select kind from changing', values: [] });
    const all = () => Promise.all([select(), select(), select()]);
    await database.sql('create table shared.changing as select 7 as kind');
    await database.sql('grant select on shared.changing to tenantry_app');
    expect(await all()).toEqual(Array(3).fill([{ kind: 7 }]));
    await database.sql('alter table shared.changing alter kind type text');
    expect(await select()).toEqual([{ kind: '7' }]);
    expect(await all()).toEqual(Array(3).fill([{ kind: '7' }]));
    await pools.close();
    await database.sql('drop table shared.changing');
  });

  it('is tried again when PostgreSQL ended it for the sake of another transaction', async () => {
    // before it gives up on a lock, and after the other transaction has closed the circle
    await database.sql(`alter database ${database.name} set deadlock_timeout = '2s'`);
    const pools = new Pools(
      { ...database.urls, app: database.urls.app + parameters },
      { max: 1, tenantMax: 1, lifetimeMs: 60_000 },
    );
    const { id, placement, adminId } = testcorp;
    const enter: Preamble = { statement: 'tenancy_enter', values: [id, placement.epoch, placement.schema, adminId] };
    const leads = await database.sql<{ id: string }>(
      'select id from shared.crm_leads where organization_id = $1 order by id limit 2',
      [id],
    );
    const [first, second] = leads.map((lead) => lead.id);
    const other = new pg.Client(database.urls.superuser);
    await other.connect();
    // never the one that is ended
    await other.query(`set deadlock_timeout = '30s'`);
    const change = (lead: string | undefined) =>
      other.query(`update shared.crm_leads set company = 'Other' where id = $1`, [lead]);
    await other.query('begin');
    await change(second);
    const both = pools.fenced(pools.main, enter, {
      text: `update crm_leads set company = 'Both' where organization_id = $1 and id = any($2::uuid[]) returning company`,
      values: [id, [first, second]],
    });
    const waiting = `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`;
    while ((await database.sql(waiting, [database.name])).length === 0);
    await change(first);
    await other.query('commit');
    expect(await both).toEqual([{ company: 'Both' }, { company: 'Both' }]);
    await Promise.all([other.end(), pools.close()]);
    // told a moment later; a try that is quicker than the one it was ended for meets it once more
    const met = 'select from pg_stat_database where datname = $1 and deadlocks > 0';
    while ((await database.sql(met, [database.name])).length === 0);
  });

  it('knows whether it can take another statement', async () => {
    const connected = async () => {
      const other = new FencedClient({ connectionString: database.urls.app });
      other.on('error', () => undefined);
      await other.connect();
      expect(other.isUsable).toBe(true);
      return other;
    };
    const ended = await connected();
    void ended.end();
    expect(ended.isUsable).toBe(false);
    const aborted = await connected();
    const gone = new Promise((resolve) => aborted.once('end', resolve));
    const failure = expect(aborted.query('select pg_sleep(60)')).rejects.toThrow('Connection terminated');
    aborted.abort();
    await Promise.all([failure, gone]);
    expect(aborted.isUsable).toBe(false);
  });

  it('leaves no setting behind', async () => {
    await as(testcorp, owners);
    const { rows } = await client.query<{ organization: string; path: string }>(
      `select current_setting('app.organization_id', true) as organization, current_setting('search_path') as path`,
    );
    expect(rows).toEqual([{ organization: '', path: 'pg_catalog' }]);
  });

  it('sees nothing of any tenant without a fence', async () => {
    await expect(client.query('select from crm_leads')).rejects.toMatchObject({ code: '42P01' });
    expect((await client.query('select from shared.crm_leads')).rowCount).toBe(0);
  });

  it('commits and rolls back through a BEGIN that is held back', async () => {
    const rename = async (name: string, end: string) => {
      await client.query('begin');
      await client.query(`select tenancy.enter('${testcorp.id}', ${String(testcorp.placement.epoch)}, null)`);
      await client.query('update shared.crm_leads set company = $1', [name]);
      await client.query(end);
    };
    await rename('Rolled Back', 'rollback');
    expect(await database.sql(`select from shared.crm_leads where company = 'Rolled Back'`)).toHaveLength(0);
    await rename('Committed', 'commit');
    const touched = await database.sql(
      `select distinct organization_id as id from shared.crm_leads where company = 'Committed'`,
    );
    expect(touched).toEqual([{ id: testcorp.id }]);
    await client.query('begin');
    await client.query('commit');
    expect((await client.query('select 1')).rowCount).toBe(1);
  });

  it('rolls back without an error when its connection was cut, and ends', async () => {
    const cut = new FencedClient({ connectionString: database.urls.app, options: '-c search_path=pg_catalog' });
    const ended = new Promise((resolve) => cut.on('error', () => undefined).once('end', resolve));
    await cut.connect();
    await cut.query('begin');
    const { rows } = await cut.query<{ pid: number }>('select pg_backend_pid() as pid');
    await database.sql('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await expect(cut.query('select pg_sleep(5)')).rejects.toThrow();
    await expect(cut.query('rollback')).resolves.toMatchObject({ rows: [] });
    await ended;
  });
});
