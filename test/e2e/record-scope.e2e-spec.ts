import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

interface Lead {
  id: string;
  owner_id: string | null;
}

describe('record scope', () => {
  let app: TestApp;
  let clients: Record<'admin' | 'manager' | 'executive' | 'viewer', Client>;
  let ids: Record<'admin' | 'manager' | 'executive', string>;
  let testcorp: Tenant;
  beforeAll(async () => {
    app = await startApp();
    testcorp = await tenantOf(app.database, 'testcorp');
    const signIn = (name: string) => app.signIn(`${name}@testcorp.com`);
    clients = {
      admin: await signIn('admin'),
      manager: await signIn('manager'),
      executive: await signIn('executive'),
      viewer: await signIn('viewer'),
    };
    const idOf = async (client: Client) => ((await client.get('/auth/me')).body as { user: { id: string } }).user.id;
    ids = {
      admin: await idOf(clients.admin),
      manager: await idOf(clients.manager),
      executive: await idOf(clients.executive),
    };
  });
  afterAll(() => app.close());

  const stored = (where: string, values: unknown[]) =>
    app.database
      .at(testcorp.id)
      .sql<Lead>(
        `select id, owner_id from crm_leads where organization_id = '${testcorp.id}' and deleted_at is null and ${where} order by id`,
        values,
      );
  const leadOf = async (owner: string) => (await stored('owner_id = $1', [owner]))[0]?.id ?? '';

  it.each([
    ['executive', 'his own', () => stored('owner_id = $1', [ids.executive])],
    ['manager', 'his team’s', () => stored('owner_id = any($1)', [[ids.manager, ids.executive]])],
    ['admin', 'all, those without an owner too', () => stored('true', [])],
  ] as const)(
    'shows the %s %s, in the list, its total, the CSV and single reads alike',
    async (who, _whose, expected) => {
      const rows = await expected();
      expect(rows.length).toBeGreaterThan(0);
      const { body } = await clients[who].get('/crm/leads?limit=500&with_total=true&sort=id');
      const page = body as { items: Lead[]; total: number };
      expect(page.items.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
      expect(page.total).toBe(rows.length);
      const csv = (await clients[who].get('/crm/leads.csv?sort=id')).text.trim().split('\r\n');
      expect(csv).toHaveLength(rows.length + 1);
      for (const { id } of [rows[0], rows.at(-1)] as Lead[])
        expect((await clients[who].get(`/crm/leads/${id}`)).status).toBe(200);
    },
  );

  it('answers 404 outside of it, to reads and to writes, and leaves the row alone', async () => {
    const outside = await leadOf(ids.admin);
    const before = await app.database.everywhere('select * from crm_leads where id = $1', [outside]);
    const { executive } = clients;
    expect((await executive.get(`/crm/leads/${outside}`)).status).toBe(404);
    expect((await executive.patch(`/crm/leads/${outside}`, { name: 'Mine now' })).status).toBe(404);
    const bulk = await executive.post('/crm/leads/bulk', {
      items: [
        { op: 'update', id: await leadOf(ids.executive), company: 'Half done' },
        { op: 'update', id: outside, name: 'Mine now' },
      ],
    });
    expect(bulk).toMatchObject({ status: 422, body: { errors: [{ path: 'items.1.id', code: 'not_found' }] } });
    expect(await app.database.everywhere('select * from crm_leads where id = $1', [outside])).toEqual(before);
    expect(await stored(`company = 'Half done'`, [])).toEqual([]);
  });

  it('gives a new record to its maker, and to another only inside of it', async () => {
    const { executive, manager } = clients;
    const mine = await executive.post('/crm/leads', { name: 'Own' });
    expect(mine).toMatchObject({ status: 201, body: { owner_id: ids.executive } });
    const up = await executive.post('/crm/leads', { name: 'Pushed up', owner_id: ids.manager });
    expect(up).toMatchObject({ status: 422, body: { errors: [{ path: 'owner_id', code: 'not_found' }] } });
    expect((await manager.post('/crm/leads', { name: 'Handed down', owner_id: ids.executive })).status).toBe(201);
    const [stranger] = await app.database.sql<{ id: string }>(
      `select id from core.users where email = 'admin@globex.com'`,
    );
    const foreign = await clients.admin.post('/crm/leads', { name: 'Given away', owner_id: stranger?.id });
    expect(foreign).toMatchObject({ status: 422, body: { errors: [{ path: 'owner_id', code: 'not_found' }] } });
  });

  it('belongs to the permission: who also reads all as a viewer still updates his own alone', async () => {
    await app.database.sql(
      `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
       select gen_random_uuid(), u.organization_id, u.id, '00000000-0000-0000-0000-000000000000', r.id from core.users u, core.roles r
       where u.id = $1 and r.role_code = 'viewer' and r.organization_id is null`,
      [ids.executive],
    );
    const outside = await leadOf(ids.admin);
    const { executive } = clients;
    let read = await executive.get(`/crm/leads/${outside}`);
    for (const until = Date.now() + 2_000; read.status === 404 && Date.now() < until;)
      read = await executive.get(`/crm/leads/${outside}`);
    expect(read.status).toBe(200);
    expect((await executive.patch(`/crm/leads/${outside}`, { name: 'Mine now' })).status).toBe(404);
    expect((await executive.patch(`/crm/leads/${await leadOf(ids.executive)}`, { company: 'Own Ltd' })).status).toBe(
      200,
    );
  });

  it('follows the line of superiors when it changes', async () => {
    const lead = await leadOf(ids.executive);
    expect((await clients.manager.get(`/crm/leads/${lead}`)).status).toBe(200);
    await app.database.sql('update core.user_tenant_associations set reports_to_id = null where user_id = $1', [
      ids.executive,
    ]);
    let read = await clients.manager.get(`/crm/leads/${lead}`);
    for (const until = Date.now() + 2_000; read.status === 200 && Date.now() < until;)
      read = await clients.manager.get(`/crm/leads/${lead}`);
    expect(read.status).toBe(404);
  });
});
