import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { refused, START_MS } from '../support/control-plane.js';
import { GroupUses } from '../support/dist.js';
import { type Group, GroupsWorld } from './groups-world.js';

const PARALLEL = 50;

describe('groups of users', () => {
  const world = new GroupsWorld();
  const { clients, tenant, other, sql, user, audited, withPermission, create, system, stored } = world;
  beforeAll(world.start, START_MS);
  afterAll(world.stop);

  it('are made with what was sent and the defaults of the rest, and read back the same', async () => {
    const body = {
      group_code: 'gold_members',
      group_name: 'Gold Members',
      tenant_id: tenant.id,
      priority: 30,
      settings: { colour: 'gold' },
    };
    const { answer, entries } = await audited((headers) => clients.admin.post('/user-groups', body, headers));
    expect(answer).toMatchObject({
      status: 201,
      body: { ...body, description: null, group_type: 'custom', is_active: true, version: 1 },
    });
    const { id } = answer.body as Group;
    expect(answer.headers.get('location')).toBe(`/api/v1/user-groups/${id}`);
    expect(entries).toEqual(['create core.user_groups']);
    expect((await clients.admin.get(`/user-groups/${id}`)).body).toEqual(answer.body);
    expect(await sql('select organization_id, created_by from core.user_groups where id = $1', [id])).toEqual([
      { organization_id: tenant.id, created_by: tenant.adminId },
    ]);
  });

  it('are listed by code, type and priority, searched and sorted', async () => {
    const low = await create({ group_code: 'Listed_Low', priority: 901, description: 'needle in it' });
    const high = await create({ group_code: 'listed_high', priority: 902 });
    const ids = async (query: string) =>
      ((await clients.admin.get(`/user-groups?${query}`)).body as { items: Group[] }).items.map(({ id }) => id);
    expect(await ids('group_code=LISTED_LOW')).toEqual([low.id]);
    expect(await ids('priority_gte=901&sort=-priority')).toEqual([high.id, low.id]);
    expect(await ids('q=needle')).toEqual([low.id]);
    expect(await ids('group_type=system&sort=priority')).toEqual([
      await system('all_members'),
      await system('regular_users'),
      await system('vip_users'),
      await system('premium_users'),
    ]);
    refused(await clients.admin.get('/user-groups?settings=x'), 422, 'validation_failed', 'settings');
  });

  it.each([
    ['group_code', { group_code: undefined }],
    ['group_code', { group_code: ' ' }],
    ['group_code', { group_code: 'x'.repeat(51) }],
    ['group_name', { group_name: 'x'.repeat(101) }],
    ['priority', { priority: -1 }],
    ['priority', { priority: '1' }],
    ['settings', { settings: [] }],
    ['group_type', { group_type: 'system' }],
    ['nonsense', { nonsense: 1 }],
  ])('are refused with 422 at %s for %j, and nothing is stored', async (path, more) => {
    const before = await sql('select count(*) from core.user_groups');
    const body = { group_code: 'refused', group_name: 'Refused', ...more };
    refused(await clients.admin.post('/user-groups', body), 422, 'validation_failed', path);
    expect(await sql('select count(*) from core.user_groups')).toEqual(before);
  });

  it(`are made once for one code by ${String(PARALLEL)} at the same time`, async () => {
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, (_, n) =>
        clients.admin.post('/user-groups', { group_code: n % 2 === 0 ? 'raced' : 'RACED', group_name: 'Raced' }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      refused(answer, 409, 'conflict', 'group_code', 'taken');
    expect(
      await sql(`select from core.user_groups where organization_id = $1 and group_code_lower = 'raced'`, [tenant.id]),
    ).toHaveLength(1);
  });

  it('are changed in part, at the version that was read, with one entry', async () => {
    const { id } = await create();
    const { answer, entries } = await audited((headers) =>
      clients.admin.patch(`/user-groups/${id}`, { group_name: 'Renamed' }, { ...headers, 'if-match': '"1"' }),
    );
    expect(answer).toMatchObject({ status: 200, body: { group_name: 'Renamed', version: 2 } });
    expect(entries).toEqual(['update core.user_groups']);
    refused(await clients.admin.patch(`/user-groups/${id}`, { priority: 1 }, { 'if-match': '"1"' }), 412, 'stale');
    const { group_code: taken } = await create();
    refused(await clients.admin.patch(`/user-groups/${id}`, { group_code: taken }), 409, 'conflict', 'group_code');
    expect(await sql('select group_name, priority, version from core.user_groups where id = $1', [id])).toEqual([
      { group_name: 'Renamed', priority: 0, version: 2 },
    ]);
  });

  it('are answered once for an idempotency key', async () => {
    const body = { group_code: 'once', group_name: 'Once' };
    const key = { 'idempotency-key': randomUUID() };
    const first = await clients.admin.post('/user-groups', body, key);
    const second = await clients.admin.post('/user-groups', body, key);
    expect(second).toMatchObject({ status: 201, body: first.body as object });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('come back with their members, unless their code was taken meanwhile', async () => {
    const group = await create({ group_code: 'comes_back' });
    await clients.admin.post(`/user-groups/${group.id}/members`, { user_id: user('viewer') });
    expect((await clients.admin.delete(`/user-groups/${group.id}`)).status).toBe(204);
    refused(await clients.admin.get(`/user-groups/${group.id}`), 404, 'not_found');
    refused(await clients.admin.get(`/user-groups/${group.id}/members`), 404, 'not_found');
    const usurper = await create({ group_code: 'COMES_BACK' });
    refused(await clients.admin.post(`/user-groups/${group.id}/restore`), 409, 'conflict', 'group_code', 'taken');
    await clients.admin.delete(`/user-groups/${usurper.id}`);
    expect(await clients.admin.post(`/user-groups/${group.id}/restore`)).toMatchObject({
      status: 200,
      body: { is_deleted: false },
    });
    expect((await clients.admin.get(`/user-groups/${group.id}/members`)).body).toMatchObject({
      items: [{ id: user('viewer') }],
    });
  });

  it('go for good with the links of their members, each with its entry', async () => {
    const { id } = await create();
    await clients.admin.post(`/user-groups/${id}/members`, { user_ids: [user('viewer'), user('editor')] });
    const { answer, entries } = await audited((headers) =>
      clients.admin.delete(`/user-groups/${id}?hard=true`, headers),
    );
    expect(answer.status).toBe(204);
    expect(entries).toEqual([
      'delete core.user_group_members',
      'delete core.user_group_members',
      'delete core.user_groups',
    ]);
    expect(await sql('select from core.user_groups where id = $1', [id])).toEqual([]);
    expect(await stored(id)).toEqual([]);
  });

  it('of the system keep code and name and stay, whatever else is changed', async () => {
    const id = await system('vip_users');
    const before = await sql('select * from core.user_groups where id = $1', [id]);
    for (const body of [{ group_name: 'Ours' }, { group_code: 'ours' }])
      refused(await clients.admin.patch(`/user-groups/${id}`, body), 409, 'conflict');
    refused(await clients.admin.delete(`/user-groups/${id}`), 409, 'conflict');
    refused(await clients.admin.delete(`/user-groups/${id}?hard=true`), 409, 'conflict');
    expect(await sql('select * from core.user_groups where id = $1', [id])).toEqual(before);
    expect((await clients.admin.patch(`/user-groups/${id}`, { priority: 77 })).status).toBe(200);
  });

  it('stay while a menu names them', async () => {
    const group = await create();
    const menu = await world.made('/menus', {
      menu_code: 'names_a_group',
      menu_name: 'Names',
      group_ids: [group.id],
    });
    for (const hard of ['', '?hard=true'])
      refused(await clients.admin.delete(`/user-groups/${group.id}${hard}`), 409, 'in_use');
    expect(await sql('select from core.user_groups where id = $1 and deleted_at is null', [group.id])).toHaveLength(1);
    await clients.admin.patch(`/menus/${menu.id}`, { group_ids: [] });
    expect((await clients.admin.delete(`/user-groups/${group.id}`)).status).toBe(204);
  });

  it('stay while another plane names them, after the refusals that come before', async () => {
    const group = await create();
    let asked = 0;
    world.app.app.get(GroupUses).register('test', (id) => {
      asked++;
      return Promise.resolve(id === group.id || id === '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11');
    });
    try {
      const path = `/user-groups/${group.id}`;
      refused(await clients.admin.delete(path), 409, 'in_use');
      refused(await clients.admin.delete(`${path}?hard=true`), 409, 'in_use');
      refused(await clients.admin.delete(path, { 'if-match': '"9"' }), 412, 'stale');
      refused(await clients.admin.delete('/user-groups/01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11'), 404, 'not_found');
      expect(asked).toBe(4);
      refused(await clients.viewer.delete(path), 403, 'permission_denied');
      expect(asked).toBe(4);
      expect((await clients.admin.get(path)).status).toBe(200);
    } finally {
      world.app.app.get(GroupUses).register('test', () => Promise.resolve(false));
    }
  });

  it('are for those who have the permission', async () => {
    const { id } = await create();
    const { admin, viewer, editor, manager, executive } = clients;
    for (const client of [admin, viewer, editor, clients.platform])
      expect((await client.get(`/user-groups/${id}`)).status).toBe(200);
    for (const client of [manager, executive])
      refused(await client.get(`/user-groups/${id}`), 403, 'permission_denied');
    for (const client of [viewer, editor, manager, executive]) {
      refused(await client.post('/user-groups', {}), 403, 'permission_denied');
      refused(await client.patch(`/user-groups/${id}`, { priority: 1 }), 403, 'permission_denied');
      refused(await client.delete(`/user-groups/${id}?hard=true`), 403, 'permission_denied');
      refused(await client.post(`/user-groups/${id}/restore`), 403, 'permission_denied');
      refused(await client.post(`/user-groups/${id}/members`, {}), 403, 'permission_denied');
      refused(await client.delete(`/user-groups/${id}/members/${user('viewer')}`), 403, 'permission_denied');
    }
    refused(await viewer.get('/user-groups?is_deleted=true'), 403, 'permission_denied');
    refused(await world.app.anonymous.get('/user-groups'), 401, 'unauthenticated');
    expect(await sql('select version from core.user_groups where id = $1', [id])).toEqual([{ version: 1 }]);
  });

  it('of another tenant are not there, and left alone', async () => {
    const foreign = await create({}, clients.stranger);
    await clients.stranger.post(`/user-groups/${foreign.id}/members`, { user_id: other.adminId });
    const rows = () =>
      sql(
        'select g.*, m.id as link from core.user_groups g join core.user_group_members m on m.group_id = g.id where g.id = $1',
        [foreign.id],
      );
    const before = await rows();
    const path = `/user-groups/${foreign.id}`;
    const { admin } = clients;
    for (const answer of [
      await admin.get(path),
      await admin.patch(path, { group_name: 'Mine' }),
      await admin.delete(path),
      await admin.delete(`${path}?hard=true`),
      await admin.post(`${path}/restore`),
      await admin.get(`${path}/members`),
      await admin.get(`${path}/members/${other.adminId}`),
      await admin.post(`${path}/members`, { user_id: user('viewer') }),
      await admin.delete(`${path}/members/${other.adminId}`),
    ])
      refused(answer, 404, 'not_found');
    refused(
      await admin.post('/user-groups', { group_code: 'x', group_name: 'x', tenant_id: other.id }),
      403,
      'tenant_mismatch',
    );
    expect(await rows()).toEqual(before);
    expect(before).toHaveLength(1);
  });

  it('are deleted for good by those alone who may, whatever else they may', async () => {
    const { id } = await create();
    const editor = await withPermission('editor', 'group_delete');
    const answer = await editor.delete(`/user-groups/${id}?hard=true`);
    expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied', required: 'group_manage' } });
    expect((await editor.delete(`/user-groups/${id}`)).status).toBe(204);
    expect(await sql('select from core.user_groups where id = $1', [id])).toHaveLength(1);
  });
});
