import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { rowsOf } from '../support/oracles.js';
import { UsersWorld } from './users-world.js';

let world: UsersWorld;
beforeAll(async () => {
  world = await UsersWorld.start();
});
afterAll(() => world.app.close());

const NOBODY = '0198a8a2-0000-7000-8000-000000000000';
const permissionId = async (code: string): Promise<string> =>
  (await world.sql<{ id: string }>('select id from core.permissions where permission_code = $1', [code]))[0]?.id ?? '';

interface Effective {
  permission_code: string;
  record_scope: string;
  sources: object[];
}
const effective = async (by: Client, userId: string): Promise<Effective[]> => {
  const { status, body, text } = await by.get(`/users/${userId}/permissions`);
  if (status !== 200) throw new Error(text);
  return (body as { items: Effective[] }).items;
};

describe('effective permissions', () => {
  it('are those that his requests are decided by, each with where it comes from', async () => {
    const { admin, executive, manager } = world.clients;
    const own = await effective(executive, world.ids.executive);
    const me = (await executive.get('/auth/me')).body as { permissions: string[] };
    expect(own.map(({ permission_code: code }) => code)).toEqual(me.permissions);
    expect(own.every(({ sources }) => sources.length > 0)).toBe(true);
    expect(own.find(({ permission_code: code }) => code === 'crm_leads_read')).toEqual({
      permission_code: 'crm_leads_read',
      record_scope: 'own',
      sources: [{ kind: 'grant', permission_code: 'crm_leads_read' }],
    });
    expect(await effective(admin, world.ids.executive)).toEqual(own);
    const managers = await effective(manager, world.ids.manager);
    expect(managers.find(({ permission_code: code }) => code === 'crm_leads_delete')).toMatchObject({
      record_scope: 'team',
      sources: [{ kind: 'module', module: 'crm', permission_code: 'crm.*' }],
    });
  });

  it('are shown to oneself and to who reads users, within his record scope', async () => {
    const { admin, editor, executive, manager, root } = world.clients;
    world.refused(await executive.get(`/users/${world.ids.manager}/permissions`), 403, 'permission_denied');
    expect((await manager.get(`/users/${world.ids.admin}/permissions`)).status).toBe(404);
    expect((await editor.get(`/users/${world.ids.editor}/permissions`)).status).toBe(200);
    for (const id of [world.other.adminId, NOBODY])
      expect((await admin.get(`/users/${id}/permissions`)).status).toBe(404);
    expect((await root.get(`/users/${world.ids.root}/permissions`)).status).toBe(404);
  });
});

describe('direct grants', () => {
  it('are given, changed, listed and taken, each with its entry', async () => {
    const { admin } = world.clients;
    const { id } = await world.user();
    const permission = await permissionId('crm_leads_read');
    const path = `/users/${id}/permissions/grants`;
    const given = await world.audited((headers) => admin.post(path, { permission_id: permission }, headers));
    expect(given.answer).toMatchObject({
      status: 201,
      body: { id: permission, permission_code: 'crm_leads_read', expires_at: null, granted_by: world.ids.admin },
    });
    expect(given.answer.headers.get('location')).toBe(`/api/v1${path}/${permission}`);
    expect(given.entries).toEqual([expect.stringContaining('create core.user_permissions')]);
    const again = await world.audited((headers) => admin.post(path, { permission_id: permission }, headers));
    expect(again).toMatchObject({ answer: { status: 200, body: given.answer.body }, entries: [] });
    const expires_at = '2099-01-01T00:00:00.000Z';
    const ended = await world.audited((headers) =>
      admin.post(path, { permission_id: permission, expires_at }, headers),
    );
    expect(ended).toMatchObject({
      answer: { status: 200, body: { expires_at } },
      entries: [expect.stringContaining('update core.user_permissions')],
    });
    expect((await admin.get(path)).body).toMatchObject({ items: [{ id: permission, expires_at }] });
    expect(await effective(admin, id)).toMatchObject([
      { permission_code: 'crm_leads_read', sources: [{ kind: 'grant', expires_at }] },
    ]);
    const taken = await world.audited((headers) => admin.delete(`${path}/${permission}`, headers));
    expect(taken).toMatchObject({
      answer: { status: 204 },
      entries: [expect.stringContaining('delete core.user_permissions')],
    });
    expect((await admin.delete(`${path}/${permission}`)).status).toBe(404);
    expect(await world.stored('user_permissions', id)).toEqual([]);
  });

  it('are refused where they cannot be', async () => {
    const { admin, editor } = world.clients;
    const { id } = await world.user();
    const post = (userId: string, body: object) => admin.post(`/users/${userId}/permissions/grants`, body);
    const permission_id = await permissionId('crm_leads_read');
    world.refused(await post(id, { permission_id: NOBODY }), 422, 'validation_failed', 'permission_id', 'not_found');
    world.refused(
      await post(id, { permission_id: await permissionId('tenant_create') }),
      422,
      'validation_failed',
      'permission_id',
      'platform_only',
    );
    world.refused(
      await post(id, { permission_id, expires_at: '2020-01-01T00:00:00Z' }),
      422,
      'validation_failed',
      'expires_at',
    );
    world.refused(await post(world.ids.admin, { permission_id }), 403, 'own_roles');
    for (const other of [world.other.adminId, NOBODY]) expect((await post(other, { permission_id })).status).toBe(404);
    world.refused(await editor.post(`/users/${id}/permissions/grants`, { permission_id }), 403, 'permission_denied');
    expect(await world.stored('user_permissions', id)).toEqual([]);
  });

  it('hand on nothing that the giver lacks, and to nobody as high as he', async () => {
    await world.ownRole('granter', { permissions: ['user_manage', 'crm_leads_read'] });
    const granter = await world.signIn(await world.user({ role_codes: ['granter'] }));
    const { id } = await world.user();
    const post = async (userId: string, code: string) =>
      granter.post(`/users/${userId}/permissions/grants`, { permission_id: await permissionId(code) });
    expect((await post(id, 'crm_leads_read')).status).toBe(201);
    world.refused(await post(id, 'crm_leads_update'), 403, 'permission_not_held');
    world.refused(await post(world.ids.editor, 'crm_leads_read'), 403, 'priority_too_low');
  });

  it('are a manager’s to give to those under him, of his own modules alone', async () => {
    const { manager } = world.clients;
    const post = async (userId: string, code: string) =>
      manager.post(`/users/${userId}/permissions/grants`, { permission_id: await permissionId(code) });
    const grants = `/users/${world.ids.executive}/permissions/grants`;
    expect((await post(world.ids.executive, 'crm_contacts_read')).status).toBe(201);
    for (const code of ['hr_employees_read', 'crm.read', 'crm_admin', 'menu_read', 'user_read'])
      world.refused(await post(world.ids.executive, code), 403, 'permission_denied');
    expect((await post(world.ids.viewer, 'crm_contacts_read')).status).toBe(404);
    world.refused(await post(world.ids.manager, 'crm_contacts_read'), 403, 'own_roles');
    expect((await manager.get(grants)).status).toBe(200);
    expect((await manager.get(`/users/${world.ids.admin}/permissions/grants`)).status).toBe(404);
    const others = await permissionId('hr_employees_read');
    await world.clients.admin.post(grants, { permission_id: others });
    world.refused(await manager.delete(`${grants}/${others}`), 403, 'permission_denied');
    expect((await manager.delete(`${grants}/${await permissionId('crm_contacts_read')}`)).status).toBe(204);
  });
});

describe('modules of a member', () => {
  it('are replaced whole, for managers and executives, with an entry for each row', async () => {
    const { admin } = world.clients;
    const { id } = await world.user({ role_codes: ['manager'] });
    const path = `/users/${id}/modules`;
    const put = (modules: unknown) => world.audited((headers) => admin.send('PUT', path, { modules }, headers));
    const first = await put(['CRM', 'sales', 'crm']);
    expect(first.answer).toMatchObject({ status: 200, body: { modules: ['crm', 'sales'] } });
    expect(first.entries).toHaveLength(2);
    const second = await put(['sales', 'hr']);
    expect(second.answer.body).toEqual({ modules: ['hr', 'sales'] });
    expect(second.entries.map((entry) => entry.split(' ')[0])).toEqual(['create', 'delete']);
    expect((await put(['hr', 'sales'])).entries).toEqual([]);
    expect((await admin.get(path)).body).toEqual({ modules: ['hr', 'sales'] });
    world.refused((await put(['sales', 'nothing'])).answer, 422, 'validation_failed', 'modules.1', 'not_found');
    expect((await put([])).answer.body).toEqual({ modules: [] });
  });

  it('are refused for others, for oneself, by who lacks them, and across tenants', async () => {
    const { admin, manager } = world.clients;
    const put = (by: Client, userId: string, modules = ['crm']) =>
      by.send('PUT', `/users/${userId}/modules`, { modules });
    world.refused(await put(admin, world.ids.viewer), 422, 'validation_failed', 'modules');
    world.refused(await put(admin, world.ids.admin), 403, 'own_roles');
    world.refused(await put(manager, world.ids.executive), 403, 'permission_denied');
    for (const id of [world.other.adminId, NOBODY]) {
      expect((await put(admin, id)).status).toBe(404);
      expect((await admin.get(`/users/${id}/modules`)).status).toBe(404);
    }
    await world.ownRole('assigner', { priority: 40, permissions: ['user_manage', 'crm.*'] });
    const assigner = await world.signIn(await world.user({ role_codes: ['assigner'] }));
    expect((await put(assigner, world.ids.executive)).status).toBe(200);
    world.refused(await put(assigner, world.ids.executive, ['crm', 'hr']), 403, 'permission_not_held');
  });
});

describe('tenants of a person', () => {
  it('are listed for himself and the platform', async () => {
    const { admin, executive } = world.clients;
    const root = await world.app.signIn('superadmin@example.com');
    const own = (await executive.get(`/users/${world.ids.executive}/tenants`)).body;
    expect(own).toMatchObject({
      items: [
        {
          tenant_id: world.home.id,
          tenant_code: 'testcorp',
          is_guest: false,
          role_codes: ['executive'],
          status: 'active',
        },
      ],
    });
    expect((await root.get(`/users/${world.ids.executive}/tenants`)).body).toEqual(own);
    world.refused(await admin.get(`/users/${world.ids.executive}/tenants`), 403, 'permission_denied');
    expect((await root.get(`/users/${NOBODY}/tenants`)).status).toBe(404);
    expect((await root.get(`/users/${world.ids.root}/tenants`)).body).toMatchObject({ items: [] });
  });

  it('become one more by the platform, with a role there, and one less again', async () => {
    const root = await world.app.signIn('superadmin@example.com');
    const path = `/users/${world.ids.viewer}/tenants`;
    const body = { tenant_id: world.other.id, role_code: 'Editor' };
    const joined = await world.audited((headers) => root.post(path, body, headers));
    expect(joined.answer).toMatchObject({
      status: 201,
      body: { tenant_code: 'globex', is_guest: true, role_codes: ['editor'] },
    });
    expect(joined.answer.headers.get('location')).toBe(`/api/v1${path}/${world.other.id}`);
    expect(joined.entries).toEqual([
      expect.stringContaining('create core.user_roles'),
      `create core.user_tenant_associations ${world.ids.viewer}`,
    ]);
    expect(await world.audited((headers) => root.post(path, body, headers))).toMatchObject({
      answer: { status: 200 },
      entries: [],
    });
    expect((await root.post(path, { ...body, role_code: 'viewer' })).body).toMatchObject({
      role_codes: ['editor', 'viewer'],
    });
    expect((await world.clients.stranger.get(`/users/${world.ids.viewer}`)).body).toMatchObject({ is_guest: true });
    const home = await rowsOf(world.app.database, world.home.id);
    const left = await world.audited((headers) => root.delete(`${path}/${world.other.id}`, headers));
    expect(left.answer.status).toBe(204);
    expect(left.entries).toHaveLength(3);
    expect(await rowsOf(world.app.database, world.home.id)).toEqual(home);
    expect((await root.delete(`${path}/${world.other.id}`)).status).toBe(404);
    world.refused(await root.delete(`${path}/${world.home.id}`), 409, 'in_use');
  });

  it('are refused where they cannot be', async () => {
    const root = await world.app.signIn('superadmin@example.com');
    const path = `/users/${world.ids.viewer}/tenants`;
    const post = (body: object, at = path) => root.post(at, body);
    world.refused(
      await post({ tenant_id: NOBODY, role_code: 'viewer' }),
      422,
      'validation_failed',
      'tenant_id',
      'not_found',
    );
    await world.ownRole('homely');
    for (const role_code of ['nothing', 'super_admin', 'homely'])
      world.refused(
        await post({ tenant_id: world.other.id, role_code }),
        422,
        'validation_failed',
        'role_code',
        'not_found',
      );
    world.refused(
      await post({ tenant_id: world.other.id, role_code: 'executive' }),
      422,
      'validation_failed',
      'reports_to_id',
      'required',
    );
    for (const id of [NOBODY, world.ids.root])
      expect((await post({ tenant_id: world.other.id, role_code: 'viewer' }, `/users/${id}/tenants`)).status).toBe(404);
    world.refused(
      await world.clients.admin.post(path, { tenant_id: world.other.id, role_code: 'viewer' }),
      403,
      'permission_denied',
    );
    world.refused(await world.clients.admin.delete(`${path}/${world.home.id}`), 403, 'permission_denied');
    expect(await world.stored('user_tenant_associations', world.ids.viewer)).toHaveLength(1);
  });

  it('keep their last administrator, be he a guest', async () => {
    const root = await world.app.signIn('superadmin@example.com');
    const guest = await world.user();
    await root.post(`/users/${guest.id}/tenants`, { tenant_id: world.other.id, role_code: 'admin' });
    await world.sql(`update core.users set status = 'suspended' where id = $1`, [world.other.adminId]);
    world.refused(await root.delete(`/users/${guest.id}/tenants/${world.other.id}`), 409, 'last_admin');
    const { admin } = world.clients;
    world.refused(await admin.delete(`/users/${guest.id}?hard=true`), 409, 'last_admin');
    // his home, which sees nothing of the other tenant, cannot take him from it either
    world.refused(await admin.delete(`/users/${guest.id}`), 409, 'last_admin');
    world.refused(await admin.post(`/users/${guest.id}/suspend`), 409, 'last_admin');
    expect((await admin.get(`/users/${guest.id}`)).body).toMatchObject({ status: 'active', version: 1 });
    await world.sql(`update core.users set status = 'active' where id = $1`, [world.other.adminId]);
    expect((await admin.post(`/users/${guest.id}/suspend`)).status).toBe(200);
    expect((await root.delete(`/users/${guest.id}/tenants/${world.other.id}`)).status).toBe(204);
    expect((await admin.delete(`/users/${guest.id}`)).status).toBe(204);
  });

  it('keep one when two homes take their administrators away at once', async () => {
    const [one, two] = [await world.user(), await world.user({}, world.clients.root)];
    const root = await world.app.signIn('superadmin@example.com');
    for (const { id } of [one, two])
      await root.post(`/users/${id}/tenants`, { tenant_id: world.other.id, role_code: 'admin' });
    await world.sql(`update core.users set status = 'suspended' where id = $1`, [world.other.adminId]);
    const answers = await Promise.all([one, two].map(({ id }) => world.clients.admin.post(`/users/${id}/suspend`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    await world.sql(`update core.users set status = 'active' where id = $1`, [world.other.adminId]);
  });
});
