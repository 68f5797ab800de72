import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changedRows, type Rows, rowsOf } from '../../support/oracles.js';
import type { Client } from '../../support/client.js';
import { type Isolation, makeWorld, type World } from './world.js';

const ZERO = '00000000-0000-0000-0000-000000000000';
/** Tables that nothing fills here: of moves, where it was never moved. One that is new is filled in `makeWorld`, or named here. */
const NOT_YET = ['core.tombstones', 'core.moves'];
/** Places that the tenant has left on its way keep copies of its rows. */
const WAYS: [Isolation, Isolation[]][] = [
  ['shared', []],
  ['schema', ['schema']],
  ['database', ['schema', 'database']],
];

describe.each(WAYS)('a tenant that is purged, in isolation %s', (_, way) => {
  let world: World;
  let admin: Client;
  let root: Client;
  let there: Rows;
  let others: Rows;
  let counted: Record<string, number>;
  let place: string;
  let own: { id: string; database: string; schema: string; isolation: string }[];
  let report: Awaited<ReturnType<World['purges']['run']>>;

  beforeAll(async () => {
    world = await makeWorld();
    const { app, database, mine } = world;
    for (const isolation of way) await world.move(isolation);
    admin = await app.signIn('admin@testcorp.com');
    root = await app.signIn('superadmin@example.com');
    expect((await admin.post('/crm/leads', { name: 'The last one' })).status).toBe(201);
    own = await database.sql(
      `select distinct l.id, l.isolation, coalesce(l.database_name, current_database()) as database, l.schema_name as schema
       from core.locations l join core.moves m on l.id in (m.from_location_id, m.to_location_id) where l.isolation <> 'shared'`,
    );
    const [at] = await database.sql<{ schema: string }>(
      'select l.schema_name as schema from core.organizations o join core.locations l on l.id = o.location_id where o.id = $1',
      [mine.id],
    );
    place = at?.schema ?? '';
    expect((await root.delete(`/tenants/${mine.id}`)).status).toBe(204);
    there = await rowsOf(database, mine.id);
    others = await world.others();
    counted = await world.remains();
    report = await world.purge();
  }, 120_000);
  afterAll(() => world.close(), 60_000);

  it('had something in every table that is written today', async () => {
    const tables = await world.database.sql<{ name: string }>(
      `select c.relnamespace::regnamespace || '.' || c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'
       where c.relnamespace::regnamespace::text in ('core', 'shared') and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
    );
    const filled = new Set([...there.keys()].map((key) => key.split(' ')[0]));
    const empty = tables.map(({ name }) => name).filter((name) => !filled.has(name));
    expect(empty.filter((name) => !NOT_YET.includes(name))).toEqual([]);
  });

  it('has left nothing but tombstones, in no table of any database', async () => {
    const { database, mine } = world;
    const buried = await database.sql<{ kind: string; code: string }>(
      'select kind, code from core.tombstones where organization_id = $1 order by kind, code',
      [mine.id],
    );
    expect(await world.remains()).toEqual({ 'core.tombstones': buried.length });
    expect(buried[0]).toEqual({ kind: 'tenant', code: 'testcorp' });
    expect(buried.map(({ code }) => code)).toEqual(expect.arrayContaining(['admin', 'manager', 'viewer']));
    expect(buried.length - 1).toBe([...there.keys()].filter((key) => key.startsWith('core.users ')).length);
    expect(await database.sql('select from core.organizations where id = $1', [mine.id])).toEqual([]);
    expect(await database.sql(`select from core.users where id = $1`, [world.guestId])).toEqual([]);
    expect(counted['pgboss.job']).toBe(1);
  });

  it('has left no file, and nobody else lost one', async () => {
    expect(report.stored).toEqual({ files: 2, bytes: 18 });
    expect(await world.stored(world.mine.id)).toEqual([]);
    expect(await world.stored(world.host.id)).toEqual(['documents/one', 'exports/two/three']);
  });

  it('has left no schema, no database and no location', async () => {
    const { sql } = world.database;
    expect(own).toHaveLength(way.length);
    for (const { id, database, schema, isolation } of own) {
      expect(await sql('select from core.locations where id = $1', [id])).toEqual([]);
      if (isolation === 'schema') {
        expect(await sql('select from pg_namespace where nspname = $1', [schema])).toEqual([]);
        expect(await sql('select from tenancy.migrations where schema_name = $1', [schema])).toEqual([]);
      } else expect(await sql('select from pg_database where datname = $1', [database])).toEqual([]);
    }
  });

  it('is reported by one entry of the platform, table by table, and is told so', async () => {
    const { database, mine } = world;
    const entries = await database.sql<{ changes: { before: object } }>(
      `select changes from core.audit_log where organization_id = $1 and resource_id = $2 and action = 'purge'`,
      [ZERO, mine.id],
    );
    const { rows, copies, stored } = report;
    expect(entries).toEqual([{ changes: { before: { tenant_code: 'testcorp', rows, copies, ...stored } } }]);
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, each) => total + each, 0);
    // partitions are counted with their table, and what is no row of its own is not
    const were = Object.fromEntries(
      Object.entries(counted).filter(
        ([table]) => !/audit_log_|^core\.(access_version|tombstones)|^(tenancy|pgboss)\./.test(table),
      ),
    );
    expect(sum(rows) + copies).toBe(sum(were));
    expect(rows).toMatchObject({
      crm_leads: counted[`${place}.crm_leads`],
      'core.users': were['core.users'],
      'core.audit_log': were['core.audit_log'],
    });
    expect(copies > 0).toBe(way.length > 0);
  });

  it('changes nothing of its neighbours, but that its people are nobody’s guests any more', async () => {
    const { database, host, guestId } = world;
    const changed = changedRows(others, await world.others(), /^(?!core\.(access_version|tombstones) )/);
    const left = await database.sql<{ action: string; resource: string; changes: { before: Record<string, unknown> } }>(
      `select action, resource, changes from core.audit_log where organization_id = $1 and action <> 'create' and actor_kind = 'system' order by resource, action`,
      [host.id],
    );
    expect(left.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      ...['delete sessions', 'delete user_group_members', 'delete user_roles'],
      ...['delete user_tenant_associations', 'update user_tenant_associations'],
    ]);
    expect(left[0]?.changes.before['refresh_hash']).toBe('***');
    const tables = changed.map((key) => key.split(' ')[0]);
    expect(tables.filter((table) => table !== 'core.audit_log').sort()).toEqual([
      'core.sessions',
      'core.user_group_members',
      'core.user_roles',
      // the guest’s own, and that of who reported to him: before and after
      ...['core.user_tenant_associations', 'core.user_tenant_associations', 'core.user_tenant_associations'],
    ]);
    // of the host, and the platform’s one
    expect(tables.filter((table) => table === 'core.audit_log')).toHaveLength(left.length + 1);
    expect(await database.sql('select from core.user_tenant_associations where user_id = $1', [guestId])).toEqual([]);
    expect(
      await database.sql(
        'select reports_to_id from core.user_tenant_associations where organization_id = $1 and user_id = $2',
        [host.id, host.adminId],
      ),
    ).toEqual([{ reports_to_id: null }]);
  });

  it('is nobody to whom a token, a sign-in or a restore would lead', async () => {
    const { app, mine } = world;
    expect((await root.get(`/tenants/${mine.id}`)).status).toBe(404);
    expect((await root.get(`/tenants/code/testcorp`)).status).toBe(404);
    expect((await root.post(`/tenants/${mine.id}/restore`)).status).toBe(404);
    expect((await root.get('/crm/leads', { 'x-tenant': mine.id })).status).toBe(404);
    for (const path of ['/crm/leads', '/users', '/menus/me']) expect((await admin.get(path)).status).toBe(401);
    const body = { email: 'admin@testcorp.com', password: 'password123' };
    expect((await app.anonymous.post('/auth/login', body)).status).toBe(401);
    expect(await world.remains()).toEqual({ 'core.tombstones': expect.any(Number) });
  });

  it('leaves its code to a new tenant, which sees nothing of it', async () => {
    const { database, mine } = world;
    const body = {
      tenant_code: 'testcorp',
      tenant_name: 'Another',
      admin_email: 'admin@testcorp.com',
      license_tier: 'enterprise',
    };
    const made = await root.post('/tenants', body);
    expect(made.status).toBe(201);
    const { id } = made.body as { id: string };
    expect(id).not.toBe(mine.id);
    const seen = await root.get('/crm/leads', { 'x-tenant': 'testcorp' });
    expect(seen).toMatchObject({ status: 200, body: { items: [] } });
    expect((await admin.get('/crm/leads')).status).toBe(401);
    const people = await database.sql<{ id: string }>('select id from core.users where organization_id = $1', [id]);
    expect(people).toHaveLength(1);
  });
});
