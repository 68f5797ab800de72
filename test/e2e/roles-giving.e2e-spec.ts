import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/client.js';
import { requires, type Role, rolesWorld, type RolesWorld } from './roles-world.js';
import { eventually, NOBODY, refused, STARTS_MS } from './tenants-world.js';

const ROUNDS = 12;

describe('roles', () => {
  let world: RolesWorld;
  beforeAll(async () => {
    world = await rolesWorld();
  }, STARTS_MS);
  afterAll(() => world.close());

  let number = 0;

  describe('that somebody holds', () => {
    it('stay, until he has given them back', async () => {
      const { role } = await world.holder(10);
      for (const hard of ['', '?hard=true'])
        refused(await world.admin.delete(`/roles/${role.id}${hard}`), 409, 'in_use');
      expect(await world.stored(role.id)).toMatchObject([{ deleted_at: null, version: 1 }]);
      await world.sql('delete from core.user_roles where role_id = $1', [role.id]);
      expect((await world.admin.delete(`/roles/${role.id}?hard=true`)).status).toBe(204);
    });

    /** Some are given the role, by whatever way, while it is deleted: it is gone, or they hold it. */
    const race = async (hard: string, give: (role: Role) => Promise<boolean>[]): Promise<Answer> => {
      const role = await world.create();
      const path = `/roles/${role.id}${hard}`;
      const [deleted, ...made] = await Promise.all([world.admin.delete(path), ...give(role)]);
      const [row] = await world.stored(role.id);
      const isThere = row !== undefined && row['deleted_at'] === null;
      const holders = await world.sql('select from core.user_roles where role_id = $1', [role.id]);
      expect(isThere).toBe(deleted.status !== 204);
      expect(holders).toHaveLength(made.filter((each) => each).length);
      expect(isThere || holders.length === 0).toBe(true);
      return deleted;
    };

    it.each(['', '?hard=true'])('are never given and deleted (DELETE%s) at the same time', async (hard) => {
      const give = ({ id }: Role): Promise<boolean> =>
        world
          .sql(
            `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id) values (uuidv7(), $1, $2, $1, $3)`,
            [world.testcorp.id, world.testcorp.adminId, id],
          )
          .then(
            () => true,
            () => false,
          );
      for (let round = 0; round < ROUNDS; round++) {
        const deleted = await race(hard, (role) => [give(role)]);
        if (deleted.status !== 204) refused(deleted, 409, 'in_use');
      }
    });

    it.each(['', '?hard=true'])('nor when new users get them (DELETE%s)', async (hard) => {
      const give = async ({ role_code }: Role): Promise<boolean> => {
        const email = `raced-${String(++number)}@testcorp.com`;
        const { status } = await world.admin.post('/users', { username: email, email, role_codes: [role_code] });
        expect([201, 422]).toContain(status);
        return status === 201;
      };
      for (let round = 0; round < ROUNDS; round++) {
        const deleted = await race(hard, (role) => [give(role), give(role), give(role)]);
        if (deleted.status !== 204) refused(deleted, 409, 'in_use');
      }
    });
  });

  describe('give permissions', () => {
    it('that are added once and taken away, with an entry each', async () => {
      const { id } = await world.create();
      const path = `/roles/${id}/permissions`;
      const body = { permission_id: world.permission('menu_read').toUpperCase() };
      const first = await world.audited((headers) => world.admin.post(path, body, headers));
      expect(first.answer).toMatchObject({
        status: 201,
        body: { role_id: id, permission_id: world.permission('menu_read'), permission_code: 'menu_read' },
      });
      expect(first.answer.headers.get('location')).toBe(`/api/v1${path}/${world.permission('menu_read')}`);
      expect(first.entries).toEqual(['create core.role_permissions']);
      const again = await world.audited((headers) => world.admin.post(path, body, headers));
      expect(again).toMatchObject({ answer: { status: 200, body: first.answer.body as object }, entries: [] });
      expect((await world.admin.get(`${path}?with_total=true`)).body).toMatchObject({
        total: 1,
        items: [{ permission_code: 'menu_read' }],
      });
      const gone = await world.audited((headers) =>
        world.admin.delete(`${path}/${world.permission('menu_read')}`, headers),
      );
      expect(gone).toMatchObject({ answer: { status: 204 }, entries: ['delete core.role_permissions'] });
      refused(await world.admin.delete(`${path}/${world.permission('menu_read')}`), 404, 'not_found');
      refused(await world.admin.delete(`${path}/${NOBODY}`), 404, 'not_found');
      refused(await world.admin.delete(`${path}/x`), 422, 'validation_failed', 'permission_id');
      expect(await world.given(id)).toEqual([]);
    });

    it('that exist and that a tenant can have', async () => {
      const { id } = await world.create();
      for (const [permissionId, fault] of [
        [NOBODY, 'not_found'],
        ...[
          'tenant_create',
          'tenant_delete',
          'permission_create',
          'permission_update',
          'permission_delete',
          'permission_manage',
        ].map((code) => [world.permission(code), 'platform_only']),
      ])
        for (const client of [world.admin, world.inTestcorp])
          refused(
            await client.post(`/roles/${id}/permissions`, { permission_id: permissionId }),
            422,
            'validation_failed',
            'permission_id',
            fault,
          );
      for (const body of [{}, { permission_id: 'x' }, { permission_id: null }, { permission_id: [NOBODY] }])
        refused(await world.admin.post(`/roles/${id}/permissions`, body), 422, 'validation_failed', 'permission_id');
      expect(await world.given(id)).toEqual([]);
    });

    it('to those who hold them, from the next request on, on every node', async () => {
      const { role, client } = await world.holder(10);
      const both = [client, world.there(client)];
      for (const each of both) requires(await each.get('/user-groups'), 'group_read');
      await world.admin.post(`/roles/${role.id}/permissions`, { permission_id: world.permission('group_read') });
      for (const each of both) expect((await eventually(200, () => each.get('/user-groups'))).status).toBe(200);
      await world.admin.delete(`/roles/${role.id}/permissions/${world.permission('group_read')}`);
      for (const each of both) requires(await eventually(403, () => each.get('/user-groups')), 'group_read');
    });

    it('until they are removed for good, and their links with them', async () => {
      const { id } = await world.create();
      for (const code of ['menu_read', 'board_read'])
        await world.admin.post(`/roles/${id}/permissions`, { permission_id: world.permission(code) });
      await world.admin.delete(`/roles/${id}`);
      const { answer, entries } = await world.audited((headers) =>
        world.admin.delete(`/roles/${id}?hard=true`, headers),
      );
      expect(answer.status).toBe(204);
      expect(entries).toEqual(['delete core.role_permissions', 'delete core.role_permissions', 'delete core.roles']);
      expect(await world.given(id)).toEqual([]);
    });

    it('never to a role that is removed at the same time', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { id } = await world.create();
        const [deleted, ...added] = await Promise.all([
          world.admin.delete(`/roles/${id}?hard=true`),
          ...['menu_read', 'board_read', 'user_read'].map((code) =>
            world.admin.post(`/roles/${id}/permissions`, { permission_id: world.permission(code) }),
          ),
        ]);
        expect(deleted.status).toBe(204);
        for (const { status } of added) expect([201, 404]).toContain(status);
        expect(await world.given(id)).toEqual([]);
      }
    });
  });
});
