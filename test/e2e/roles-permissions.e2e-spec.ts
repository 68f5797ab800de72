import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { eventually, idsOf, NOBODY, refused, tenantsWorld, type TenantsWorld, ZERO } from './tenants-world.js';

interface Permission {
  readonly id: string;
  readonly permission_code: string;
}

describe('permissions', () => {
  let world: TenantsWorld;
  let inTestcorp: Client;
  beforeAll(async () => {
    world = await tenantsWorld();
    inTestcorp = world.root.with({ 'x-tenant': 'testcorp' });
  });
  afterAll(() => world.close());

  let number = 0;
  const bodyOf = (more: object = {}) => ({
    ...{ permission_code: `custom_made_${String(++number)}`, permission_name: 'Made' },
    ...{ resource: 'user', action: 'create', ...more },
  });
  const create = async (more: object = {}, client = world.root): Promise<Permission> => {
    const answer = await client.post('/permissions', bodyOf(more));
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body as Permission;
  };
  const stored = (id: string) => world.sql('select * from core.permissions where id = $1', [id]);
  const generated = async (code: string): Promise<string> => {
    const [row] = await world.sql<{ id: string }>('select id from core.permissions where permission_code = $1', [code]);
    return row?.id ?? '';
  };

  it('of the product are given on by an admin, who holds everything in his tenant', async () => {
    const { id: permission_id, permission_code } = await create();
    const role = await world.admin.post('/roles', { role_code: 'with_custom', role_name: 'With custom' });
    const { id } = role.body as { id: string };
    expect((await world.admin.post(`/roles/${id}/permissions`, { permission_id })).status).toBe(201);
    const viewer = (
      (await (await world.app.signIn('viewer@testcorp.com')).get('/auth/me')).body as { user: { id: string } }
    ).user.id;
    expect((await world.admin.post(`/users/${viewer}/permissions/grants`, { permission_id })).body).toMatchObject({
      permission_id,
      user_id: viewer,
      permission_code,
    });
    expect((await world.admin.get(`/users/${viewer}/permissions`)).body).toMatchObject({
      next_cursor: null,
      total: null,
    });
  });

  it("are made, changed and deleted by the platform, with an entry in the platform's log, whatever tenant it names", async () => {
    for (const client of [world.root, inTestcorp]) {
      const body = bodyOf({ description: 'For a handler', module: 'crm', submodule: 'leads' });
      const made = await world.audited((headers) => client.post('/permissions', body, headers));
      expect(made).toMatchObject({
        answer: { status: 201, body: { ...body, version: 1 } },
        entries: ['create core.permissions'],
      });
      const { id } = made.answer.body as Permission;
      const path = `/permissions/${id}`;
      expect(made.answer.headers.get('location')).toBe(`/api/v1${path}`);
      expect((await world.admin.get(path)).body).toEqual(made.answer.body);
      expect((await client.patch(path, { permission_name: 'Renamed', module: null })).body).toMatchObject({
        permission_name: 'Renamed',
        module: null,
        version: 2,
      });
      refused(await client.patch(path, { permission_name: 'X' }, { 'if-match': '"1"' }), 412, 'stale');
      refused(await client.delete(path, { 'if-match': '"1"' }), 412, 'stale');
      expect((await client.delete(path)).status).toBe(204);
      refused(await client.get(path), 404, 'not_found');
      expect(await stored(id)).toEqual([]);
      expect(
        await world.sql('select organization_id, action from core.audit_log where resource_id = $1 order by at, id', [
          id,
        ]),
      ).toEqual(['create', 'update', 'delete'].map((action) => ({ organization_id: ZERO, action })));
    }
  });

  it.each<[string, object]>([
    ...[
      ...['crm-read', 'crm read', 'crm', '.read', 'crm_leeds_read', 'CRM.READ', 'crm.read', 'crm.*', 'crm_admin'],
      ...[
        'user_read',
        'user_manage',
        'custom_',
        'custom',
        'Custom_action',
        'custom_Action',
        'custom_a b',
        'custom_a-b',
      ],
      ...['custom_a.b', 'custom_*', 'custom__a', 'custom_a_', '_custom_a', ' custom_a', 'custom_a ', 'custom_ä', ''],
      ...['custom_roles_admin', `custom_${'a'.repeat(94)}`, 'custom_a\n'],
    ].map((permission_code): [string, object] => ['permission_code', { permission_code }]),
    ['permission_code', { permission_code: null }],
    ['permission_code', { permission_code: 7 }],
    ['permission_name', { permission_name: ' ' }],
    ['resource', { resource: undefined }],
    ['action', { action: 'execute' }],
    ['action', { action: undefined }],
    ['module', { module: 'x'.repeat(51) }],
    ['nonsense', { nonsense: 1 }],
    ['tenant_id', { tenant_id: NOBODY }],
  ])('are refused with 422 at %s for %j', async (path, more) => {
    const before = await world.sql('select count(*) from core.permissions');
    refused(await world.root.post('/permissions', bodyOf(more)), 422, 'validation_failed', path);
    expect(await world.sql('select count(*) from core.permissions')).toEqual(before);
  });

  it('have codes of their own', async () => {
    const { id, permission_code } = await create();
    refused(
      await world.root.post('/permissions', bodyOf({ permission_code })),
      409,
      'conflict',
      'permission_code',
      'taken',
    );
    const other = await create();
    refused(
      await world.root.patch(`/permissions/${id}`, { permission_code: other.permission_code }),
      409,
      'conflict',
      'permission_code',
    );
    for (const code of ['user_read', 'crm.read', 'custom_roles_admin'])
      refused(
        await world.root.patch(`/permissions/${id}`, { permission_code: code }),
        422,
        'validation_failed',
        'permission_code',
      );
    expect(await stored(id)).toMatchObject([{ permission_code, version: 1 }]);
  });

  it('that are generated are as the registry has them', async () => {
    for (const code of ['user_read', 'crm.*', 'crm_leads_read', 'custom_roles_admin', 'tenant_create']) {
      const id = await generated(code);
      const before = await stored(id);
      expect(before).toHaveLength(1);
      refused(await world.root.patch(`/permissions/${id}`, { permission_name: 'Mine' }), 409, 'conflict');
      refused(await world.root.patch(`/permissions/${id}`, { permission_code: 'custom_mine' }), 409, 'conflict');
      refused(await world.root.delete(`/permissions/${id}`), 409, 'conflict');
      expect(await stored(id)).toEqual(before);
    }
  });

  it('stay while a role or a person has them', async () => {
    const { id } = await create();
    const role = await inTestcorp.post('/roles', { role_code: 'has_it', role_name: 'R' });
    const path = `/roles/${(role.body as { id: string }).id}/permissions`;
    expect((await inTestcorp.post(path, { permission_id: id })).status).toBe(201);
    refused(await world.root.delete(`/permissions/${id}`), 409, 'in_use');
    expect(await stored(id)).toHaveLength(1);
    await inTestcorp.delete(`${path}/${id}`);
    await world.sql(
      `insert into core.user_permissions (id, organization_id, user_id, permission_id) values (uuidv7(), $1, $2, $3)`,
      [world.testcorp.id, world.testcorp.adminId, id],
    );
    refused(await world.root.delete(`/permissions/${id}`), 409, 'in_use');
    await world.sql('delete from core.user_permissions where permission_id = $1', [id]);
    expect((await world.root.delete(`/permissions/${id}`)).status).toBe(204);
  });

  it('are read by those of a tenant who may, and written by none of them', async () => {
    const { id } = await create();
    const viewer = await world.app.signIn('viewer@testcorp.com');
    for (const client of [world.admin, world.stranger, viewer, world.root]) {
      expect((await client.get(`/permissions/${id}`)).status).toBe(200);
      const { body } = await client.get('/permissions?limit=1&with_total=true');
      const [row] = await world.sql<{ count: string }>('select count(*) from core.permissions');
      expect(body).toMatchObject({ total: Number(row?.count) });
    }
    const executive = await world.app.signIn('executive@testcorp.com');
    refused(await executive.get('/permissions'), 403, 'permission_denied');
    const before = await stored(id);
    for (const client of [world.admin, viewer]) {
      refused(await client.post('/permissions', { nonsense: 1 }), 403, 'permission_denied');
      refused(await client.patch(`/permissions/${id}`, { permission_name: 'Mine' }), 403, 'permission_denied');
      refused(await client.delete(`/permissions/${id}`), 403, 'permission_denied');
    }
    expect(await stored(id)).toEqual(before);
    refused(await world.app.anonymous.get('/permissions'), 401, 'unauthenticated');
    refused(await world.admin.get(`/permissions/${NOBODY}`), 404, 'not_found');
    refused(await world.admin.get('/permissions/x'), 422, 'validation_failed', 'permission_id');
  });

  it('are filtered, searched and sorted', async () => {
    const made = await create({ permission_code: 'custom_findable', resource: 'widget', action: 'manage' });
    const ids = async (query: string) => idsOf(await world.admin.get(`/permissions?${query}`));
    expect(await ids('permission_code=custom_findable')).toEqual([made.id]);
    expect(await ids('resource=widget&action=manage')).toEqual([made.id]);
    expect(await ids('q=findab')).toEqual([made.id]);
    expect(await ids('module=crm&submodule=leads&action=read')).toEqual([await generated('crm_leads_read')]);
    refused(await world.admin.get('/permissions?is_deleted=true'), 422, 'validation_failed', 'is_deleted');
  });

  it('of the product are given by a role of a tenant, and told of in `/auth/me`', async () => {
    const { id, permission_code: code } = await create();
    const me = async () => ((await world.admin.get('/auth/me')).body as { permissions: unknown }).permissions;
    const role = await inTestcorp.post('/roles', { role_code: 'product', role_name: 'R', priority: 5 });
    const { id: roleId } = role.body as { id: string };
    expect((await inTestcorp.post(`/roles/${roleId}/permissions`, { permission_id: id })).status).toBe(201);
    await world.sql(
      `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id) values (uuidv7(), $1, $2, $1, $3)`,
      [world.testcorp.id, world.testcorp.adminId, roleId],
    );
    await eventually(200, () => world.admin.get('/auth/me'));
    expect(JSON.stringify(await me())).toContain(code);
  });
});
