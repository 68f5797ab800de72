import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';

/** The requests of guides and of clients that are there already: their bodies word for word, ids from earlier answers. */
describe('calls that clients already make', () => {
  let app: TestApp;
  let root: Client;
  let tenant: string;
  let inTenant: Client;

  beforeAll(async () => {
    app = await startApp();
    root = await app.signIn('superadmin@example.com');
  });
  afterAll(() => app.close());

  /** The id in an answer that has this status. */
  const idOf = ({ status, body, text }: Answer, expected = 201): string => {
    expect({ status, text: status === expected ? '' : text }).toEqual({ status: expected, text: '' });
    return (body as { id: string }).id;
  };
  const ok = (
    { status, body, text }: Answer,
    expected = 200,
  ): Record<string, unknown> & { items: Record<string, unknown>[] } => {
    expect({ status, text: status === expected ? '' : text }).toEqual({ status: expected, text: '' });
    return body as never;
  };
  const withTenant = (json: string): string => json.replace('"tenant_id":"…"', `"tenant_id":"${tenant}"`);

  it('tenants', async () => {
    const made = await root.post(
      '/tenants',
      '{"tenant_code":"siteA","tenant_name":"Site A","domain":"siteA.com","admin_email":"admin@siteA.com"}',
      { 'content-type': 'application/json' },
    );
    tenant = idOf(made);
    inTenant = root.with({ 'x-tenant': 'siteA' });
    expect(made.body).toMatchObject({
      tenant_code: 'siteA',
      status: 'active',
      license_tier: 'free',
      isolation: 'shared',
    });
    expect(ok(await root.get('/tenants?skip=0&limit=100')).items.map(({ id }) => id)).toContain(tenant);
    expect(ok(await inTenant.get('/tenants?skip=0&limit=100')).items.map(({ id }) => id)).toContain(tenant);
    expect(ok(await root.get(`/tenants/${tenant}`))).toMatchObject({ tenant_name: 'Site A', domain: 'siteA.com' });
    expect(ok(await root.get('/tenants/code/siteA'))).toMatchObject({ id: tenant });
    expect(ok(await root.send('PATCH', `/tenants/${tenant}`, '{"tenant_name":"Site B"}'))).toMatchObject({
      tenant_name: 'Site B',
    });
  });

  it('users, their roles and permissions', async () => {
    const john =
      '{"username":"john","email":"john@example.com","full_name":"John Doe","password":"secure_password_123","tenant_id":"…"}';
    const user = idOf(await root.send('POST', '/users', withTenant(john)));
    expect(ok(await inTenant.get('/users?skip=0&limit=100')).items.map(({ id }) => id)).toContain(user);
    expect(ok(await inTenant.get(`/users/${user}`))).toMatchObject({
      username: 'john',
      tenant_id: tenant,
      role_codes: [],
    });
    expect(ok(await root.get(`/tenants/${tenant}/users`)).items.map(({ username }) => username)).toEqual(
      expect.arrayContaining(['john', 'admin@siteA.com']),
    );
    expect(
      ok(await inTenant.send('PATCH', `/users/${user}`, '{"full_name":"Jane Doe","phone":"+1234567890"}')),
    ).toMatchObject({ full_name: 'Jane Doe', phone: '+1234567890' });

    const role = idOf(
      await inTenant.send(
        'POST',
        '/roles',
        '{"role_code":"custom_admin","role_name":"Custom Admin","priority":75,"role_type":"admin"}',
      ),
    );
    expect(ok(await inTenant.get('/roles')).items.map(({ role_code }) => role_code)).toEqual(
      expect.arrayContaining(['custom_admin', 'admin', 'viewer']),
    );
    expect(ok(await inTenant.get(`/roles/${role}`))).toMatchObject({ priority: 75, tenant_id: tenant });

    const custom =
      '{"permission_code":"custom_action","permission_name":"Custom Action","resource":"user","action":"create"}';
    const permission = idOf(await inTenant.send('POST', '/permissions', custom));
    expect(ok(await inTenant.get('/permissions?limit=500')).items.map(({ id }) => id)).toContain(permission);
    expect(ok(await inTenant.get(`/permissions/${permission}`))).toMatchObject({ permission_code: 'custom_action' });
    ok(await inTenant.send('POST', `/roles/${role}/permissions`, `{"permission_id":"${permission}"}`), 201);
    expect(ok(await inTenant.get(`/roles/${role}/permissions`)).items).toMatchObject([{ id: permission }]);

    ok(await inTenant.send('POST', `/users/${user}/roles`, `{"role_id":"${role}"}`), 201);
    expect(ok(await inTenant.get(`/users/${user}/roles`)).items).toMatchObject([{ role_code: 'custom_admin' }]);
    expect(
      ok(await inTenant.get(`/users/${user}/permissions`)).items.map(({ permission_code }) => permission_code),
    ).toEqual(['custom_action']);
    expect((await inTenant.delete(`/users/${user}/roles/${role}`)).status).toBe(204);

    const group = idOf(
      await root.send(
        'POST',
        '/user-groups',
        withTenant('{"group_code":"gold_members","group_name":"Gold Members","tenant_id":"…","priority":30}'),
      ),
    );
    expect(ok(await root.get(`/tenants/${tenant}/user-groups`)).items.map(({ id }) => id)).toContain(group);
    ok(await inTenant.send('POST', `/user-groups/${group}/members`, `{"user_id":"${user}"}`), 201);
    expect(ok(await inTenant.get(`/user-groups/${group}/members`)).items).toMatchObject([{ user_id: user }]);
    expect(ok(await inTenant.get(`/users/${user}/groups`)).items.map(({ group_code }) => group_code)).toEqual(
      expect.arrayContaining(['gold_members', 'all_members', 'regular_users']),
    );
    expect((await inTenant.delete(`/user-groups/${group}/members/${user}`)).status).toBe(204);
    expect((await inTenant.delete(`/users/${user}`)).status).toBe(204);
    expect((await inTenant.get(`/users/${user}`)).status).toBe(404);
  });

  it('menus and boards', async () => {
    const menu = idOf(
      await root.send(
        'POST',
        '/menus',
        withTenant(
          '{"menu_code":"dashboard","menu_name":"Dashboard","menu_url":"/dashboard","menu_icon":"dashboard","display_order":1,"tenant_id":"…"}',
        ),
      ),
    );
    expect(ok(await root.get(`/tenants/${tenant}/menus`)).items.map(({ id }) => id)).toContain(menu);
    expect(ok(await inTenant.patch(`/menus/${menu}`, { menu_name: 'Overview' }))).toMatchObject({
      menu_name: 'Overview',
    });
    expect((await inTenant.delete(`/menus/${menu}`)).status).toBe(204);

    const board = idOf(
      await root.send(
        'POST',
        '/boards',
        withTenant('{"board_code":"announcements","board_name":"Announcements","tenant_id":"…"}'),
      ),
    );
    expect(ok(await root.get(`/tenants/${tenant}/boards`)).items.map(({ board_code }) => board_code)).toEqual(
      expect.arrayContaining(['announcements', 'notice']),
    );
    expect(ok(await inTenant.patch(`/boards/${board}`, { board_name: 'News' }))).toMatchObject({ board_name: 'News' });
    expect((await inTenant.delete(`/boards/${board}`)).status).toBe(204);
    expect((await root.delete(`/tenants/${tenant}`)).status).toBe(204);
    expect((await root.get(`/tenants/${tenant}`)).status).toBe(404);
  });

  it('the three layers', async () => {
    const signedIn = await app.anonymous.send(
      'POST',
      '/auth/login',
      '{"email":"admin@testcorp.com","password":"password123"}',
    );
    const { access_token } = ok(signedIn) as unknown as { access_token: string };
    const admin = app.anonymous.with({ authorization: `Bearer ${access_token}` });
    ok(await admin.get('/crm/leads'));
    ok(await admin.get('/manufacturing/orders'));
    const globex = await app.signIn('admin@globex.com');
    expect((await globex.get('/manufacturing/orders')).status).toBe(403);
  });

  it('a tenant’s admin makes no role that stands above him', async () => {
    const admin = await app.signIn('admin@testcorp.com');
    const role = '{"role_code":"custom_admin","role_name":"Custom Admin","priority":75,"role_type":"admin"}';
    const refused = await admin.send('POST', '/roles', role);
    expect(refused).toMatchObject({ status: 403, body: { code: 'priority_too_low' } });
  });
});
