import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Client } from '../support/client.js';
import { UsersWorld } from './users-world.js';

let world: UsersWorld;
beforeAll(async () => {
  world = await UsersWorld.start();
});
afterAll(() => world.app.close());

describe('roles of a user', () => {
  const give = async (by: Client, userId: string, code: string): Promise<Answer> =>
    by.post(`/users/${userId}/roles`, { role_id: await world.roleId(code) });
  const take = async (by: Client, userId: string, code: string): Promise<Answer> =>
    by.delete(`/users/${userId}/roles/${await world.roleId(code)}`);

  it('are given, listed and taken, each with its entry, and the version tells', async () => {
    const { admin } = world.clients;
    const user = await world.user();
    const editor = await world.roleId('editor');
    const given = await world.audited((headers) => admin.post(`/users/${user.id}/roles`, { role_id: editor }, headers));
    expect(given.answer).toMatchObject({
      status: 201,
      body: {
        id: editor,
        role_id: editor,
        user_id: user.id,
        role_code: 'editor',
        is_built_in: true,
        given_by: world.ids.admin,
      },
    });
    expect(given.answer.headers.get('location')).toBe(`/api/v1/users/${user.id}/roles/${editor}`);
    expect(given.entries).toEqual([expect.stringContaining('create core.user_roles')]);
    const again = await world.audited((headers) => admin.post(`/users/${user.id}/roles`, { role_id: editor }, headers));
    expect(again).toMatchObject({ answer: { status: 200, body: given.answer.body }, entries: [] });
    expect((await admin.get(`/users/${user.id}/roles?with_total=true`)).body).toMatchObject({
      items: [{ id: editor }],
      total: 1,
    });
    expect((await admin.get(`/users/${user.id}`)).body).toMatchObject({ role_codes: ['editor'], version: 2 });
    const taken = await world.audited((headers) => admin.delete(`/users/${user.id}/roles/${editor}`, headers));
    expect(taken.answer.status).toBe(204);
    expect(taken.entries).toEqual([expect.stringContaining('delete core.user_roles')]);
    expect((await admin.get(`/users/${user.id}/roles`)).body).toMatchObject({ items: [] });
    expect((await admin.delete(`/users/${user.id}/roles/${editor}`)).status).toBe(404);
    expect(await world.sql('select version from core.roles where id = $1', [editor])).toEqual([{ version: 1 }]);
  });

  it('are of this tenant or built-in, and never super_admin', async () => {
    const { admin } = world.clients;
    const { id } = await world.user();
    const theirs = await world.ownRole('theirs', { tenant: world.other });
    const deleted = await world.ownRole('gone');
    await world.sql('update core.roles set deleted_at = now() where id = $1', [deleted]);
    for (const role_id of [theirs, deleted, await world.roleId('super_admin'), world.ids.admin])
      world.refused(
        await admin.post(`/users/${id}/roles`, { role_id }),
        422,
        'validation_failed',
        'role_id',
        'not_found',
      );
    for (const other of [world.other.adminId, '0198a8a2-0000-7000-8000-000000000000']) {
      expect((await give(admin, other, 'user')).status).toBe(404);
      expect((await admin.get(`/users/${other}/roles`)).status).toBe(404);
    }
    world.refused(await admin.post(`/users/${id}/roles`, {}), 422, 'validation_failed', 'role_id');
    expect(await world.stored('user_roles', id)).toEqual([]);
  });

  it('are nobody’s own to change, and need role_manage', async () => {
    const { admin, viewer } = world.clients;
    world.refused(await give(admin, world.ids.admin, 'viewer'), 403, 'own_roles');
    world.refused(await take(admin, world.ids.admin, 'admin'), 403, 'own_roles');
    world.refused(await give(viewer, world.ids.executive, 'viewer'), 403, 'permission_denied');
  });

  it('follow the ladder: roles and people below one’s own, and an admin deals with admin', async () => {
    const { admin } = world.clients;
    await world.ownRole('clerk', { priority: 25, permissions: ['role_manage', 'user_read'] });
    const clerk = await world.signIn(await world.user({ role_codes: ['clerk'] }));
    const low = await world.user();
    expect((await give(clerk, low.id, 'editor')).status).toBe(201);
    world.refused(await give(clerk, low.id, 'manager'), 403, 'priority_too_low');
    world.refused(await give(clerk, world.ids.manager, 'viewer'), 403, 'priority_too_low');
    const other = await world.user({ role_codes: ['admin'] });
    world.refused(await give(admin, other.id, 'viewer'), 403, 'priority_too_low');
    expect((await take(admin, other.id, 'admin')).status).toBe(204);
    expect((await give(admin, other.id, 'admin')).status).toBe(201);
    world.refused(await take(clerk, other.id, 'admin'), 403, 'priority_too_low');
    expect((await take(admin, other.id, 'admin')).status).toBe(204);
  });

  it('make nobody an executive without a superior', async () => {
    const { admin } = world.clients;
    const { id } = await world.user();
    world.refused(await give(admin, id, 'executive'), 422, 'validation_failed', 'reports_to_id', 'required');
    await admin.patch(`/users/${id}`, { reports_to_id: world.ids.manager });
    expect((await give(admin, id, 'executive')).status).toBe(201);
  });

  it('are given once by twenty at once', async () => {
    const { id } = await world.user();
    const answers = await Promise.all(Array.from({ length: 20 }, () => give(world.clients.admin, id, 'viewer')));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
    expect(await world.stored('user_roles', id)).toHaveLength(1);
  });
});

describe('the last administrator', () => {
  const admins = async (): Promise<string[]> =>
    (
      await world.sql<{ id: string }>(
        `select u.id from core.user_roles ur join core.roles r on r.id = ur.role_id join core.users u on u.id = ur.user_id
         where r.role_code = 'admin' and r.organization_id is null and ur.organization_id = $1 and u.deleted_at is null and u.status <> 'suspended'`,
        [world.home.id],
      )
    ).map(({ id }) => id);

  it('is neither suspended, deleted nor demoted, by nobody', async () => {
    expect(await admins()).toEqual([world.ids.admin]);
    const { root } = world.clients;
    const path = `/users/${world.ids.admin}`;
    world.refused(await root.post(`${path}/suspend`), 409, 'last_admin');
    world.refused(await root.delete(path), 409, 'last_admin');
    world.refused(await root.delete(`${path}?hard=true`), 409, 'last_admin');
    world.refused(await root.delete(`${path}/roles/${await world.roleId('admin')}`), 409, 'last_admin');
    world.refused(await world.clients.admin.delete(path), 409, 'last_admin');
    expect(await admins()).toEqual([world.ids.admin]);
    expect((await world.clients.admin.get('/auth/me')).status).toBe(200);
  });

  it('may go when an invited one is there', async () => {
    const invited = await world.user({ role_codes: ['admin'], password: null });
    const { root } = world.clients;
    expect((await root.post(`/users/${world.ids.admin}/suspend`)).status).toBe(200);
    world.refused(await root.delete(`/users/${invited.id}`), 409, 'last_admin');
    expect((await root.post(`/users/${world.ids.admin}/activate`)).status).toBe(200);
    expect((await root.delete(`/users/${invited.id}`)).status).toBe(204);
  });

  it('is left of two who demote each other at once', async () => {
    const other = await world.user({ role_codes: ['admin'] });
    const client = await world.signIn(other);
    await world.until(world.clients.admin, '/users?limit=1', 200);
    const role = await world.roleId('admin');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        n % 2 === 0
          ? world.clients.admin.delete(`/users/${other.id}/roles/${role}`)
          : client.delete(`/users/${world.ids.admin}/roles/${role}`),
      ),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    expect(await admins()).toHaveLength(1);
  });
});
