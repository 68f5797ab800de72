import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { refused, START_MS } from '../support/control-plane.js';
import { type Menu, MenusWorld } from './menus-world.js';

const PARALLEL = 50;

describe('menus', () => {
  const world = new MenusWorld();
  const { clients, tenant, other, sql, audited, create, group, stored } = world;
  beforeAll(world.start, START_MS);
  afterAll(world.stop);

  const storedGroups = async (id: string): Promise<string[]> =>
    (
      await sql<{ group_id: string }>('select group_id from core.menu_groups where menu_id = $1 order by group_id', [
        id,
      ])
    ).map(({ group_id }) => group_id);

  it('are made with what was sent and the defaults of the rest', async () => {
    const body = {
      menu_code: 'dashboard',
      menu_name: 'Dashboard',
      menu_url: '/dashboard',
      menu_icon: 'dashboard',
      display_order: 1,
      tenant_id: tenant.id,
    };
    const { answer, entries } = await audited((headers) => clients.admin.post('/menus', body, headers));
    expect(answer).toMatchObject({
      status: 201,
      body: {
        ...body,
        menu_type: 'item',
        is_visible: true,
        parent_id: null,
        required_permission: null,
        required_module: null,
        group_ids: [],
        metadata: {},
        version: 1,
      },
    });
    expect(entries).toEqual(['create core.menus']);
    const { id } = answer.body as Menu;
    const read = await clients.admin.get(`/menus/${id}`);
    expect(read.body).toEqual(answer.body);
    expect(read.headers.get('etag')).toBe('"1"');
    expect((await clients.admin.get(`/menus/${id}`, { 'if-none-match': '"1"' })).status).toBe(304);
  });

  it('keep a module in lower case, and take addresses of http', async () => {
    const menu = await create({
      required_module: 'CRM',
      menu_url: 'https://example.com/help?q=1#top',
      menu_type: 'link',
    });
    expect(menu).toMatchObject({ required_module: 'crm', menu_url: 'https://example.com/help?q=1#top' });
    expect(await clients.admin.patch(`/menus/${menu.id}`, { required_module: 'Boards', menu_url: null })).toMatchObject(
      { status: 200, body: { required_module: 'boards', menu_url: null } },
    );
  });

  it.each([
    ['menu_code', { menu_code: undefined }],
    ['menu_code', { menu_code: '\t' }],
    ['menu_name', { menu_name: 'x'.repeat(201) }],
    ['menu_type', { menu_type: 'button' }],
    ['menu_url', { menu_url: 'javascript:alert(1)' }],
    ['menu_url', { menu_url: ' javascript:alert(1)' }],
    ['menu_url', { menu_url: 'JaVaScRiPt:alert(1)' }],
    ['menu_url', { menu_url: 'java\nscript:alert(1)' }],
    ['menu_url', { menu_url: 'data:text/html,x' }],
    ['menu_url', { menu_url: '//evil.example' }],
    ['menu_url', { menu_url: '/\\evil.example' }],
    ['menu_url', { menu_url: 'http://' }],
    ['menu_url', { menu_url: '' }],
    ['menu_url', { menu_url: `/${'x'.repeat(255)}` }],
    ['required_permission', { required_permission: 'crm_leeds_read' }],
    ['required_permission', { required_permission: 'USER_READ' }],
    ['required_module', { required_module: 'crmm' }],
    ['display_order', { display_order: 2 ** 31 }],
    ['is_visible', { is_visible: 'yes' }],
    ['is_visible', { is_visible: null }],
    ['parent_id', { parent_id: 'top' }],
    ['parent_id', { parent_id: randomUUID() }],
    ['group_ids', { group_ids: ['vip'] }],
    ['group_ids.0', { group_ids: [randomUUID()] }],
    ['children', { children: [] }],
  ])('are refused with 422 at %s for %j, and nothing is stored', async (path, more) => {
    const before = await sql('select count(*) from core.menus');
    const body = { menu_code: 'refused', menu_name: 'Refused', ...more };
    refused(await clients.admin.post('/menus', body), 422, 'validation_failed', path);
    const patched = await create();
    refused(
      await clients.admin.patch(
        `/menus/${patched.id}`,
        'menu_code' in more && more.menu_code === undefined ? { menu_code: null } : more,
      ),
      422,
      'validation_failed',
      path,
    );
    expect(await sql('select version from core.menus where id = $1', [patched.id])).toEqual([{ version: 1 }]);
    await clients.admin.delete(`/menus/${patched.id}?hard=true`);
    expect(await sql('select count(*) from core.menus')).toEqual(before);
  });

  it('are listed by display_order, and by what they are for', async () => {
    const groupId = await group();
    const menus = [
      await create({ display_order: 72, required_module: 'sales', group_ids: [groupId] }),
      await create({ display_order: 71, required_module: 'sales' }),
    ];
    const ids = async (query: string) =>
      ((await clients.admin.get(`/menus?${query}`)).body as { items: Menu[] }).items.map(({ id }) => id);
    expect(await ids('required_module=sales')).toEqual([menus[1]?.id, menus[0]?.id]);
    expect(await ids(`group_id=${groupId}`)).toEqual([menus[0]?.id]);
    expect(await ids(`menu_code=${(menus[0]?.menu_code ?? '').toUpperCase()}`)).toEqual([menus[0]?.id]);
    const child = await create({ parent_id: menus[0]?.id });
    expect(await ids(`parent_id=${menus[0]?.id ?? ''}`)).toEqual([child.id]);
  });

  it(`are made once for one code by ${String(PARALLEL)} at the same time`, async () => {
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, () => clients.admin.post('/menus', { menu_code: 'raced', menu_name: 'Raced' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      refused(answer, 409, 'conflict', 'menu_code', 'taken');
    expect(
      await sql(`select from core.menus where organization_id = $1 and menu_code_lower = 'raced'`, [tenant.id]),
    ).toHaveLength(1);
  });

  it('are changed at the version that was read, and made once for an idempotency key', async () => {
    const { id } = await create();
    expect((await clients.admin.patch(`/menus/${id}`, { menu_name: 'Two' }, { 'if-match': '"1"' })).status).toBe(200);
    for (const body of [{ menu_name: 'Three' }, { group_ids: [] }, { group_ids: [], menu_name: 'Three' }])
      refused(await clients.admin.patch(`/menus/${id}`, body, { 'if-match': '"1"' }), 412, 'stale');
    refused(await clients.admin.delete(`/menus/${id}?hard=true`, { 'if-match': '"1"' }), 412, 'stale');
    const key = { 'idempotency-key': randomUUID() };
    const body = { menu_code: 'once', menu_name: 'Once' };
    const first = await clients.admin.post('/menus', body, key);
    const second = await clients.admin.post('/menus', body, key);
    expect(second).toMatchObject({ status: 201, body: first.body as object });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('are for those who have the permission', async () => {
    const { id } = await create();
    for (const name of ['admin', 'manager', 'executive', 'editor', 'viewer', 'platform'] as const)
      expect((await clients[name].get(`/menus/${id}`)).status).toBe(200);
    const { editor } = clients;
    expect((await editor.patch(`/menus/${id}`, { menu_icon: 'star' })).status).toBe(200);
    expect((await editor.post('/menus/reorder', { items: [{ id, display_order: 3 }] })).status).toBe(200);
    refused(await editor.delete(`/menus/${id}`), 403, 'permission_denied');
    for (const client of [clients.viewer, clients.manager, clients.executive]) {
      refused(await client.post('/menus', {}), 403, 'permission_denied');
      refused(await client.patch(`/menus/${id}`, {}), 403, 'permission_denied');
      refused(await client.post('/menus/reorder', {}), 403, 'permission_denied');
      refused(await client.delete(`/menus/${id}?hard=true`), 403, 'permission_denied');
      refused(await client.post(`/menus/${id}/restore`), 403, 'permission_denied');
    }
    refused(await world.app.anonymous.get('/menus'), 401, 'unauthenticated');
    refused(await world.app.anonymous.get('/menus/me'), 401, 'unauthenticated');
  });

  it('of another tenant are not there, nor are its groups', async () => {
    const foreign = await create({}, clients.stranger);
    const foreignGroup = await group(clients.stranger);
    const own = await create();
    const before = await stored(foreign.id);
    const { admin } = clients;
    const path = `/menus/${foreign.id}`;
    for (const answer of [
      await admin.get(path),
      await admin.patch(path, { menu_name: 'Mine' }),
      await admin.patch(path, { group_ids: [] }),
      await admin.delete(path),
      await admin.delete(`${path}?hard=true`),
      await admin.post(`${path}/restore`),
    ])
      refused(answer, 404, 'not_found');
    refused(
      await admin.patch(`/menus/${own.id}`, { parent_id: foreign.id }),
      422,
      'validation_failed',
      'parent_id',
      'not_found',
    );
    refused(
      await admin.patch(`/menus/${own.id}`, { group_ids: [foreignGroup] }),
      422,
      'validation_failed',
      'group_ids.0',
      'not_found',
    );
    const reorder = (item: object) =>
      admin.post('/menus/reorder', { items: [{ id: own.id, display_order: 1, ...item }] });
    refused(await reorder({ id: foreign.id }), 422, 'validation_failed', 'items.0.id', 'not_found');
    refused(await reorder({ parent_id: foreign.id }), 422, 'validation_failed', 'items.0.parent_id', 'not_found');
    refused(await admin.post('/menus/reorder', { items: [], tenant_id: other.id }), 403, 'tenant_mismatch');
    expect(await stored(foreign.id)).toEqual(before);
    expect(await stored(own.id)).toMatchObject([{ version: 1, parent_id: null }]);
  });

  describe('and their groups', () => {
    it('are replaced whole, with one entry for each that comes or goes and one for the menu', async () => {
      const [a, b, c] = [await group(), await group(), await group()];
      const menu = await create({ group_ids: [b, a, b] });
      expect(menu.group_ids).toEqual([a, b].sort());
      const cleared = await create({ group_ids: [a] });
      expect((await clients.admin.patch(`/menus/${cleared.id}`, { group_ids: null })).body).toMatchObject({
        group_ids: [],
      });
      const { answer, entries } = await audited((headers) =>
        clients.admin.patch(`/menus/${menu.id}`, { group_ids: [b.toUpperCase(), c] }, headers),
      );
      expect(answer).toMatchObject({ status: 200, body: { group_ids: [b, c].sort(), version: 2 } });
      expect(entries).toEqual(['create core.menu_groups', 'delete core.menu_groups', 'update core.menus']);
      expect(await storedGroups(menu.id)).toEqual([b, c].sort());
      const same = await audited((headers) => clients.admin.patch(`/menus/${menu.id}`, { group_ids: [c, b] }, headers));
      expect(same).toMatchObject({ answer: { body: { version: 2 } }, entries: [] });
      const both = await audited((headers) =>
        clients.admin.patch(`/menus/${menu.id}`, { group_ids: [], menu_name: 'For all' }, headers),
      );
      expect(both).toMatchObject({
        answer: { body: { version: 3, menu_name: 'For all', group_ids: [] } },
        entries: ['delete core.menu_groups', 'delete core.menu_groups', 'update core.menus'],
      });
    });

    it('stay as they are when one is not to be had', async () => {
      const [a, gone] = [await group(), await group()];
      await clients.admin.delete(`/user-groups/${gone}`);
      const menu = await create({ group_ids: [a] });
      const before = await stored(menu.id);
      refused(
        await clients.admin.patch(`/menus/${menu.id}`, { menu_name: 'New', group_ids: [a, gone] }),
        422,
        'validation_failed',
        'group_ids.1',
        'not_found',
      );
      expect(await stored(menu.id)).toEqual(before);
      expect(await storedGroups(menu.id)).toEqual([a]);
    });

    it('never name a group that is deleted at the same time', async () => {
      for (let round = 0; round < 15; round++) {
        const groupId = await group();
        const menu = await create();
        const [named, deleted] = await Promise.all([
          clients.admin.patch(`/menus/${menu.id}`, { group_ids: [groupId] }),
          clients.admin.delete(`/user-groups/${groupId}`),
        ]);
        expect([`${String(named.status)} ${String(deleted.status)}`]).toEqual([
          expect.stringMatching(/^(200 409|422 204)$/),
        ]);
        const [row] = await sql<{ gone: boolean }>(
          `select deleted_at is not null as gone from core.user_groups where id = $1`,
          [groupId],
        );
        expect((await storedGroups(menu.id)).length).toBe(row?.gone === true ? 0 : 1);
      }
    });

    it('go with a menu that is deleted for good, each with its entry', async () => {
      const menu = await create({ group_ids: [await group()] });
      const { answer, entries } = await audited((headers) =>
        clients.admin.delete(`/menus/${menu.id}?hard=true`, headers),
      );
      expect(answer.status).toBe(204);
      expect(entries).toEqual(['delete core.menu_groups', 'delete core.menus']);
      expect(await storedGroups(menu.id)).toEqual([]);
    });
  });
});
