import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { checksumsOf } from '../support/oracles.js';
import { requires, type Role, rolesWorld, type RolesWorld } from './roles-world.js';
import { idsOf, NOBODY, refused, STARTS_MS, ZERO } from './tenants-world.js';

describe('roles', () => {
  let world: RolesWorld;
  beforeAll(async () => {
    world = await rolesWorld();
  }, STARTS_MS);
  afterAll(() => world.close());

  describe('of a tenant', () => {
    it('are made with defaults, read, changed, deleted and brought back, with an entry each', async () => {
      const body = { role_code: 'Buyer', role_name: 'Buyer' };
      const made = await world.audited((headers) => world.admin.post('/roles', body, headers));
      expect(made.answer).toMatchObject({
        status: 201,
        body: {
          ...body,
          ...{ tenant_id: world.testcorp.id, priority: 0, role_type: 'user', record_scope: 'own', requires_mfa: false },
          ...{ is_built_in: false, is_active: true, version: 1 },
        },
      });
      expect(made.entries).toEqual(['create core.roles']);
      const { id } = made.answer.body as Role;
      const path = `/roles/${id}`;
      expect(made.answer.headers.get('location')).toBe(`/api/v1${path}`);
      expect((await world.admin.get(path)).body).toEqual(made.answer.body);
      const changed = await world.audited((headers) =>
        world.admin.patch(path, { priority: 20, record_scope: 'team' }, headers),
      );
      expect(changed.answer).toMatchObject({ status: 200, body: { priority: 20, record_scope: 'team', version: 2 } });
      expect(changed.entries).toEqual(['update core.roles']);
      refused(await world.admin.patch(path, { priority: 21 }, { 'if-match': '"1"' }), 412, 'stale');

      const gone = await world.audited((headers) => world.admin.delete(path, headers));
      expect(gone).toMatchObject({ answer: { status: 204 }, entries: ['delete core.roles'] });
      refused(await world.admin.get(path), 404, 'not_found');
      refused(await world.admin.get(`${path}/permissions`), 404, 'not_found');
      refused(await world.admin.patch(path, { priority: 1 }), 404, 'not_found');
      expect(idsOf(await world.admin.get('/roles?is_deleted=true'))).toContain(id);
      const usurper = await world.create({ role_code: 'BUYER' });
      refused(await world.admin.post(`${path}/restore`), 409, 'conflict', 'role_code', 'taken');
      await world.admin.delete(`/roles/${usurper.id}?hard=true`);
      const back = await world.audited((headers) => world.admin.post(`${path}/restore`, undefined, headers));
      expect(back).toMatchObject({
        answer: { status: 200, body: { is_deleted: false } },
        entries: ['restore core.roles'],
      });
    });

    it('are filtered, sorted and searched, with the built-in ones', async () => {
      const low = await world.create({ role_code: 'found_low', priority: 33, role_type: 'both' });
      const high = await world.create({ role_code: 'found_high', priority: 34, role_type: 'both' });
      const ids = async (query: string) => idsOf(await world.admin.get(`/roles?${query}`));
      expect(await ids('role_type=both&sort=-priority&role_code=FOUND_LOW,found_high')).toEqual([high.id, low.id]);
      expect(await ids('q=found_&priority_gte=34')).toEqual([high.id]);
      expect(await ids('role_code=viewer')).toEqual([world.builtIn.get('viewer')]);
      expect((await world.admin.get(`/roles/${world.builtIn.get('viewer') ?? ''}`)).body).toMatchObject({
        is_built_in: true,
        tenant_id: null,
      });
      refused(await world.admin.get('/roles?description=x'), 422, 'validation_failed', 'description');
    });

    it.each<[string, object]>([
      ['role_code', { role_code: ' ' }],
      ['role_code', { role_code: 'x'.repeat(51) }],
      ['role_name', { role_name: null }],
      ['priority', { priority: 101 }],
      ['priority', { priority: -1 }],
      ['priority', { priority: '5' }],
      ['priority', { priority: 1.5 }],
      ['priority', { priority: null }],
      ['role_type', { role_type: 'owner' }],
      ['record_scope', { record_scope: 'none' }],
      ['requires_mfa', { requires_mfa: 'no' }],
      ['is_built_in', { is_built_in: true }],
      ['nonsense', { nonsense: 1 }],
    ])('are refused with 422 at %s for %j', async (path, more) => {
      const before = await world.sql('select count(*) from core.roles');
      refused(
        await world.admin.post('/roles', { role_code: 'refused', role_name: 'R', ...more }),
        422,
        'validation_failed',
        path,
      );
      expect(await world.sql('select count(*) from core.roles')).toEqual(before);
    });

    it('have codes that nobody else in the tenant and none built in has, without case', async () => {
      const { id, role_code: code } = await world.create({}, world.inTestcorp);
      refused(
        await world.admin.post('/roles', { role_code: code.toUpperCase(), role_name: 'R' }),
        409,
        'conflict',
        'role_code',
        'taken',
      );
      const other = await world.create();
      for (const taken of [code, 'admin', 'Super_Admin', 'VIEWER']) {
        for (const client of [world.admin, world.inTestcorp]) {
          refused(
            await client.post('/roles', { role_code: taken, role_name: 'R' }),
            409,
            'conflict',
            'role_code',
            'taken',
          );
          refused(
            await client.patch(`/roles/${other.id}`, { role_code: taken }),
            409,
            'conflict',
            'role_code',
            'taken',
          );
        }
      }
      expect((await world.admin.patch(`/roles/${id}`, { role_code: code.toUpperCase() })).status).toBe(200);
    });

    it('stand below whoever makes, changes or deletes them', async () => {
      for (const priority of [50, 51, 100])
        refused(
          await world.admin.post('/roles', { role_code: 'too_high', role_name: 'R', priority }),
          403,
          'priority_too_low',
        );
      const { id } = await world.create({ priority: 49 });
      refused(await world.admin.patch(`/roles/${id}`, { priority: 50 }), 403, 'priority_too_low');
      expect(await world.stored(id)).toMatchObject([{ priority: 49, version: 1 }]);
      const above = await world.create({ priority: 75 }, world.inTestcorp);
      const before = await world.stored(above.id);
      for (const send of [
        () => world.admin.patch(`/roles/${above.id}`, { role_name: 'Mine' }),
        () => world.admin.patch(`/roles/${above.id}`, { priority: 1 }),
        () => world.admin.delete(`/roles/${above.id}`),
        () => world.admin.delete(`/roles/${above.id}?hard=true`),
        () => world.admin.post(`/roles/${above.id}/permissions`, { permission_id: world.permission('menu_read') }),
        () => world.admin.delete(`/roles/${above.id}/permissions/${world.permission('menu_read')}`),
      ])
        refused(await send(), 403, 'priority_too_low');
      expect(await world.stored(above.id)).toEqual(before);
      await world.inTestcorp.delete(`/roles/${above.id}`);
      refused(await world.admin.post(`/roles/${above.id}/restore`), 403, 'priority_too_low');

      const { role, client } = await world.holder(
        20,
        'role_manage',
        'role_read',
        'role_create',
        'role_update',
        'role_delete',
      );
      refused(await client.patch(`/roles/${role.id}`, { role_name: 'Mine' }), 403, 'priority_too_low');
      refused(
        await client.post(`/roles/${role.id}/permissions`, { permission_id: world.permission('role_read') }),
        403,
        'priority_too_low',
      );
      refused(
        await client.post('/roles', { role_code: 'as_high', role_name: 'R', priority: 20 }),
        403,
        'priority_too_low',
      );
      const under = await world.create({ priority: 19 }, client);
      refused(await client.patch(`/roles/${under.id}`, { priority: 20 }), 403, 'priority_too_low');
      refused(
        await client.post(`/roles/${under.id}/permissions`, { permission_id: world.permission('user_delete') }),
        ...([403, 'permission_not_held'] as const),
      );
      expect(await world.given(under.id)).toEqual([]);
      expect(
        (await client.post(`/roles/${under.id}/permissions`, { permission_id: world.permission('role_read') })).status,
      ).toBe(201);
    });

    it('are not to be had without the module or the permission', async () => {
      const answer = await world.stranger.post('/roles', { nonsense: 1 });
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'not_entitled', layer: 'entitlement', reason: 'not_in_plan' },
      });
      expect((await world.stranger.get('/roles')).status).toBe(200);
      const viewer = await world.app.signIn('viewer@testcorp.com');
      const { id } = await world.create();
      expect((await viewer.get(`/roles/${id}`)).status).toBe(200);
      requires(await viewer.post('/roles', {}), 'role_create');
      requires(await viewer.patch(`/roles/${id}`, { nonsense: 1 }), 'role_update');
      requires(await viewer.delete(`/roles/${id}`), 'role_delete');
      requires(await viewer.delete(`/roles/${id}?hard=true`), 'role_delete');
      requires(await viewer.post(`/roles/${id}/restore`), 'role_manage');
      requires(await viewer.post(`/roles/${id}/permissions`, {}), 'role_update');
      requires(await viewer.get('/roles?is_deleted=true'), 'role_manage');
      refused(await world.root.get('/roles'), 400, 'tenant_required');
      refused(await world.app.anonymous.get('/roles'), 401, 'unauthenticated');
    });

    it('of another are not there, and left alone', async () => {
      const [foreign] = await world.sql<{ id: string }>(
        `insert into core.roles (id, organization_id, role_code, role_name) values (uuidv7(), $1, 'theirs', 'Theirs') returning id`,
        [world.globex.id],
      );
      const id = foreign?.id ?? '';
      const before = await checksumsOf(world.app.database, world.globex.id);
      for (const client of [world.admin, world.inTestcorp]) {
        for (const each of [id, NOBODY]) {
          for (const send of [
            () => client.get(`/roles/${each}`),
            () => client.patch(`/roles/${each}`, { role_name: 'Mine' }),
            () => client.delete(`/roles/${each}`),
            () => client.delete(`/roles/${each}?hard=true`),
            () => client.post(`/roles/${each}/restore`),
            () => client.get(`/roles/${each}/permissions`),
            () => client.post(`/roles/${each}/permissions`, { permission_id: world.permission('menu_read') }),
            () => client.delete(`/roles/${each}/permissions/${world.permission('menu_read')}`),
          ])
            refused(await send(), 404, 'not_found');
        }
        expect(idsOf(await client.get('/roles?limit=500'))).not.toContain(id);
      }
      const mine = { role_code: 'mine_there', role_name: 'R', tenant_id: world.globex.id };
      refused(await world.admin.post('/roles', mine), 403, 'tenant_mismatch');
      refused(await world.admin.get('/roles', { 'x-tenant': 'globex' }), 403, 'tenant_mismatch');
      expect((await world.create({ role_code: 'theirs' })).role_code).toBe('theirs');
      expect(await checksumsOf(world.app.database, world.globex.id)).toEqual(before);
    });
  });

  describe('that are built in', () => {
    it('are changed by no tenant, and by the platform neither', async () => {
      const before = await world.sql('select * from core.roles where organization_id is null order by id');
      const links = await world.sql('select * from core.role_permissions where organization_id is null order by id');
      const body = { permission_id: world.permission('user_delete') };
      for (const code of ['viewer', 'admin', 'super_admin']) {
        const path = `/roles/${world.builtIn.get(code) ?? ''}`;
        for (const send of [
          (client: Client) => client.patch(path, { role_name: 'Mine' }),
          (client: Client) => client.delete(path),
          (client: Client) => client.delete(`${path}?hard=true`),
          (client: Client) => client.post(`${path}/restore`),
          (client: Client) => client.post(`${path}/permissions`, body),
          (client: Client) => client.delete(`${path}/permissions/${world.permission('user_read')}`),
        ]) {
          requires(await send(world.admin), 'super_admin');
          refused(await send(world.inTestcorp), 409, 'conflict');
        }
      }
      expect(await world.sql('select * from core.roles where organization_id is null order by id')).toEqual(before);
      expect(await world.sql('select * from core.role_permissions where organization_id is null order by id')).toEqual(
        links,
      );
    });

    it("give the product's own permissions, where the platform says so", async () => {
      const custom = await world.root.post('/permissions', {
        ...{ permission_code: 'custom_built_in', permission_name: 'Own', resource: 'thing', action: 'read' },
      });
      const { id } = custom.body as { id: string };
      const path = `/roles/${world.builtIn.get('viewer') ?? ''}/permissions`;
      requires(await world.admin.post(path, { permission_id: id }), 'super_admin');
      const added = await world.audited((headers) => world.inTestcorp.post(path, { permission_id: id }, headers));
      expect(added).toMatchObject({ answer: { status: 201 }, entries: ['create core.role_permissions'] });
      const [entry] = await world.sql(
        `select organization_id from core.audit_log where resource = 'role_permissions' order by at desc, id desc limit 1`,
      );
      expect(entry).toEqual({ organization_id: ZERO });
      requires(await world.admin.delete(`${path}/${id}`), 'super_admin');
      expect((await world.inTestcorp.delete(`${path}/${id}`)).status).toBe(204);
      refused(await world.inTestcorp.delete(`${path}/${id}`), 404, 'not_found');
    });
  });
});
