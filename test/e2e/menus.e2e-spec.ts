import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { auditOf } from '../support/oracles.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

interface Menu {
  readonly id: string;
  readonly menu_code: string;
  readonly parent_id: string | null;
  readonly group_ids: readonly string[];
  readonly version: number;
}
interface Node {
  readonly menu_code: string;
  readonly children: readonly Node[];
}

const PARALLEL = 50;
const DEFAULTS = ['home', 'boards', 'files', 'members', 'settings'];

describe('menus', () => {
  let app: TestApp;
  let clients: Record<'admin' | 'manager' | 'executive' | 'editor' | 'viewer' | 'stranger' | 'platform', Client>;
  let tenant: Tenant;
  let other: Tenant;
  beforeAll(async () => {
    app = await startApp();
    const signIn = (email: string) => app.signIn(email);
    clients = {
      admin: await signIn('admin@testcorp.com'),
      manager: await signIn('manager@testcorp.com'),
      executive: await signIn('executive@testcorp.com'),
      editor: await signIn('editor@testcorp.com'),
      viewer: await signIn('viewer@testcorp.com'),
      stranger: await signIn('admin@acme.com'),
      platform: (await signIn('superadmin@example.com')).with({ 'x-tenant': 'testcorp' }),
    };
    tenant = await tenantOf(app.database, 'testcorp');
    other = await tenantOf(app.database, 'acme');
  });
  afterAll(() => app.close());

  const sql = <Row = Record<string, unknown>>(text: string, values?: unknown[]) => app.database.sql<Row>(text, values);
  let made = 0;
  const create = async (more: object = {}, client = clients.admin): Promise<Menu> => {
    const answer = await client.post('/menus', { menu_code: `menu_${String(++made)}`, menu_name: 'A menu', ...more });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body as Menu;
  };
  /** One below the other: the highest first. */
  const chain = async (levels: number): Promise<Menu[]> => {
    const menus: Menu[] = [];
    for (let level = 0; level < levels; level++) menus.push(await create({ parent_id: menus.at(-1)?.id ?? null }));
    return menus;
  };
  const group = async (client = clients.admin): Promise<string> =>
    (await client.post('/user-groups', { group_code: `menus_${String(++made)}`, group_name: 'Of menus' })).body
      .id as string;
  const storedGroups = async (id: string): Promise<string[]> =>
    (
      await sql<{ group_id: string }>('select group_id from core.menu_groups where menu_id = $1 order by group_id', [
        id,
      ])
    ).map(({ group_id }) => group_id);
  const stored = (id: string) => sql('select * from core.menus where id = $1', [id]);
  const refused = (answer: Answer, status: number, code: string, path?: string, fault?: string) => {
    expect(answer).toMatchObject({ status, body: { code } });
    if (path !== undefined)
      expect(answer.body.errors).toContainEqual(
        expect.objectContaining({ path, ...(fault === undefined ? {} : { code: fault }) }),
      );
  };
  const audited = async (send: (headers: Record<string, string>) => Promise<Answer>) => {
    const id = `audit-${randomUUID()}`;
    const answer = await send({ 'x-request-id': id });
    const entries = await auditOf(app.database, id);
    return { answer, entries: entries.map(({ action, row }) => `${action} ${row.split(' ')[0] ?? ''}`).sort() };
  };
  /** Levels of the deepest living menu, and how many living menus hang on no root. */
  const treeOf = async (id: string) => {
    const [tree] = await sql<{ levels: number; reached: string; all: string }>(
      `with recursive tree as (select id, 1 as level from core.menus where organization_id = $1 and deleted_at is null and parent_id is null
         union all select m.id, level + 1 from core.menus m join tree t on m.parent_id = t.id where m.deleted_at is null and level < 20)
       select max(level) as levels, count(*) as reached, (select count(*) from core.menus where organization_id = $1 and deleted_at is null) as all from tree`,
      [id],
    );
    return { levels: tree?.levels ?? 0, lost: Number(tree?.all) - Number(tree?.reached) };
  };
  const expectTree = async () => {
    const { levels, lost } = await treeOf(tenant.id);
    expect(lost).toBe(0);
    expect(levels).toBeLessThanOrEqual(5);
  };

  describe('as a resource', () => {
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
      expect(
        await clients.admin.patch(`/menus/${menu.id}`, { required_module: 'Boards', menu_url: null }),
      ).toMatchObject({ status: 200, body: { required_module: 'boards', menu_url: null } });
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
      ['group_ids', { group_ids: null }],
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
        Array.from({ length: PARALLEL }, () =>
          clients.admin.post('/menus', { menu_code: 'raced', menu_name: 'Raced' }),
        ),
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
      refused(await app.anonymous.get('/menus'), 401, 'unauthenticated');
      refused(await app.anonymous.get('/menus/me'), 401, 'unauthenticated');
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
  });

  describe('and their groups', () => {
    it('are replaced whole, with one entry for each that comes or goes and one for the menu', async () => {
      const [a, b, c] = [await group(), await group(), await group()];
      const menu = await create({ group_ids: [b, a, b] });
      expect(menu.group_ids).toEqual([a, b].sort());
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

  describe('as a tree', () => {
    it('have at most five levels, however they come about', async () => {
      const menus = await chain(5);
      refused(
        await clients.admin.post('/menus', { menu_code: 'sixth', menu_name: 'Sixth', parent_id: menus.at(-1)?.id }),
        422,
        'validation_failed',
        'parent_id',
        'max_depth',
      );
      expect(await sql(`select from core.menus where menu_code = 'sixth'`)).toEqual([]);
      const [top] = await chain(2);
      refused(
        await clients.admin.patch(`/menus/${top?.id ?? ''}`, { parent_id: menus[3]?.id }),
        422,
        'validation_failed',
        'parent_id',
        'max_depth',
      );
      expect(await stored(top?.id ?? '')).toMatchObject([{ parent_id: null, version: 1 }]);
      await expectTree();
    });

    it('have no cycle', async () => {
      const [top, middle, bottom] = await chain(3);
      for (const parent of [top, middle, bottom])
        refused(
          await clients.admin.patch(`/menus/${top?.id ?? ''}`, { parent_id: parent?.id }),
          422,
          'validation_failed',
          'parent_id',
          'cycle',
        );
      await expectTree();
    });

    it('hang on the living alone: a deleted parent is none, and a parent is not deleted', async () => {
      const [top, child] = await chain(2);
      const path = `/menus/${top?.id ?? ''}`;
      refused(await clients.admin.delete(path), 409, 'in_use');
      refused(await clients.admin.delete(`${path}?hard=true`), 409, 'in_use');
      expect(await stored(top?.id ?? '')).toMatchObject([{ deleted_at: null, version: 1 }]);
      await clients.admin.delete(`/menus/${child?.id ?? ''}`);
      expect((await clients.admin.delete(path)).status).toBe(204);
      refused(
        await clients.admin.post('/menus', { menu_code: 'orphan', menu_name: 'Orphan', parent_id: top?.id }),
        422,
        'validation_failed',
        'parent_id',
        'not_found',
      );
      refused(await clients.admin.post(`/menus/${child?.id ?? ''}/restore`), 409, 'conflict');
      expect(await sql('select from core.menus where id = $1 and deleted_at is null', [child?.id])).toEqual([]);
      const restored = await audited((headers) => clients.admin.post(`${path}/restore`, undefined, headers));
      expect(restored).toMatchObject({ answer: { status: 200 }, entries: ['restore core.menus'] });
      expect((await clients.admin.post(`/menus/${child?.id ?? ''}/restore`)).status).toBe(200);
    });

    it('refuse to bring back a menu whose code was taken', async () => {
      const menu = await create({ menu_code: 'taken_back' });
      await clients.admin.delete(`/menus/${menu.id}`);
      await create({ menu_code: 'Taken_Back' });
      refused(await clients.admin.post(`/menus/${menu.id}/restore`), 409, 'conflict', 'menu_code', 'taken');
    });

    it(`stay a tree under ${String(PARALLEL)} moves at once that together make a cycle`, async () => {
      const menus: Menu[] = [];
      for (let n = 0; n < 5; n++) menus.push(await create());
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, n) =>
          clients.admin.patch(`/menus/${menus[n % 5]?.id ?? ''}`, { parent_id: menus[(n + 1) % 5]?.id }),
        ),
      );
      for (const answer of answers.filter(({ status }) => status !== 200))
        refused(answer, 422, 'validation_failed', 'parent_id', 'cycle');
      expect(answers.some(({ status }) => status === 200)).toBe(true);
      expect(answers.some(({ status }) => status === 422)).toBe(true);
      await expectTree();
    });

    it('stay a tree while parents are deleted and children made at the same time', async () => {
      for (let round = 0; round < 10; round++) {
        const parent = await create();
        const [child, gone] = await Promise.all([
          clients.admin.post('/menus', { menu_code: `late_${String(round)}`, menu_name: 'Late', parent_id: parent.id }),
          clients.admin.delete(`/menus/${parent.id}`),
        ]);
        expect(`${String(child.status)} ${String(gone.status)}`).toMatch(/^(201 409|422 204)$/);
      }
      await expectTree();
    });
  });

  describe('in order', () => {
    const reorder = (items: unknown, client = clients.admin, headers?: Record<string, string>) =>
      client.post('/menus/reorder', { items }, headers);

    it('are moved all at once, with an entry and a version for each that changes', async () => {
      const [a, b, c] = [await create(), await create(), await create()];
      const { answer, entries } = await audited((headers) =>
        reorder(
          [
            { id: c.id, parent_id: a.id, display_order: 7 },
            { id: a.id, parent_id: null, display_order: 0 },
            { id: b.id.toUpperCase(), display_order: 8 },
          ],
          clients.admin,
          headers,
        ),
      );
      expect(answer.status).toBe(200);
      expect((answer.body as { items: Menu[] }).items).toMatchObject([
        { id: c.id, parent_id: a.id, display_order: 7, version: 2, group_ids: [] },
        { id: a.id, parent_id: null, display_order: 0, version: 1 },
        { id: b.id, parent_id: null, display_order: 8, version: 2 },
      ]);
      expect(entries).toEqual(['update core.menus', 'update core.menus']);
      expect(await stored(c.id)).toMatchObject([{ parent_id: a.id, display_order: 7, version: 2 }]);
    });

    it('may swap a parent and its child in one', async () => {
      const [top, child] = await chain(2);
      const answer = await reorder([
        { id: top?.id, parent_id: child?.id, display_order: 0 },
        { id: child?.id, parent_id: null, display_order: 0 },
      ]);
      expect(answer.status).toBe(200);
      await expectTree();
    });

    it('are refused whole where one is wrong', async () => {
      const [a, b] = [await create(), await create()];
      const good = { id: a.id, parent_id: null, display_order: 9 };
      const [deep] = (await chain(5)).slice(-1);
      for (const [items, path, code] of [
        [[good, { id: randomUUID(), display_order: 1 }], 'items.1.id', 'not_found'],
        [[good, { id: b.id, parent_id: randomUUID(), display_order: 1 }], 'items.1.parent_id', 'not_found'],
        [[good, { id: a.id.toUpperCase(), display_order: 1 }], 'items.1.id', 'duplicate'],
        [[good, { id: b.id }], 'items.1.display_order', 'required'],
        [[good, { id: b.id, display_order: 1, nonsense: 1 }], 'items.1.nonsense', 'unknown_property'],
        [[good, { id: b.id, parent_id: b.id, display_order: 1 }], 'items', 'cycle'],
        [
          [
            { ...good, parent_id: b.id },
            { id: b.id, parent_id: a.id, display_order: 1 },
          ],
          'items',
          'cycle',
        ],
        [[good, { id: b.id, parent_id: deep?.id, display_order: 1 }], 'items', 'max_depth'],
        [[], 'items', 'array_min_size'],
        [Array.from({ length: 501 }, () => ({ id: randomUUID(), display_order: 1 })), 'items', 'array_max_size'],
      ] as const)
        refused(await reorder(items), 422, 'validation_failed', path, code);
      expect(await stored(a.id)).toMatchObject([{ display_order: 0, version: 1 }]);
      expect(await stored(b.id)).toMatchObject([{ parent_id: null, version: 1 }]);
    });

    it('are answered once for an idempotency key', async () => {
      const { id } = await create();
      const key = { 'idempotency-key': randomUUID() };
      const first = await reorder([{ id, display_order: 4 }], clients.admin, key);
      await clients.admin.patch(`/menus/${id}`, { display_order: 5 });
      const second = await reorder([{ id, display_order: 4 }], clients.admin, key);
      expect(second).toMatchObject({ status: 200, body: first.body as object });
      expect(await stored(id)).toMatchObject([{ display_order: 5 }]);
    });

    it(`stay a tree under ${String(PARALLEL)} at once that together make a cycle, in whatever order they lock`, async () => {
      const menus: Menu[] = [];
      for (let n = 0; n < 6; n++) menus.push(await create());
      const at = (n: number) => menus[n % 6]?.id;
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, n) =>
          reorder([
            { id: at(n), parent_id: at(n + 1), display_order: n },
            { id: at(n + 3), parent_id: at(n + 4), display_order: n },
          ]),
        ),
      );
      for (const answer of answers.filter(({ status }) => status !== 200))
        refused(answer, 422, 'validation_failed', 'items');
      expect(answers.some(({ status }) => status === 200)).toBe(true);
      await expectTree();
    });
  });

  describe('of the caller', () => {
    const mine = async (client: Client): Promise<Node[]> => {
      const { status, body, text } = await client.get('/menus/me');
      if (status !== 200) throw new Error(text);
      return (body as { items: Node[] }).items;
    };
    const codes = (nodes: readonly Node[]): string[] =>
      nodes.flatMap(({ menu_code: code, children }) => [code, ...codes(children)]);
    const visible = async (client: Client, among: readonly string[]): Promise<string[]> =>
      codes(await mine(client)).filter((code) => among.includes(code));

    it('are those that every tenant starts with, by permission', async () => {
      expect(await visible(clients.admin, DEFAULTS)).toEqual(DEFAULTS);
      expect(await visible(clients.viewer, DEFAULTS)).toEqual(['home', 'boards', 'files', 'members']);
      expect(await visible(clients.executive, DEFAULTS)).toEqual(['home', 'boards', 'files']);
    });

    it('follow the modules that the tenant may use now', async () => {
      await create({ menu_code: 'needs_crm', required_module: 'crm' });
      expect(await visible(clients.admin, ['needs_crm'])).toEqual(['needs_crm']);
      await sql(`update core.organizations set enabled_modules = '{"crm": false}' where id = $1`, [tenant.id]);
      try {
        await eventually(async () => {
          expect(await visible(clients.admin, ['needs_crm'])).toEqual([]);
        });
        expect(await visible(clients.platform, ['needs_crm'])).toEqual(['needs_crm']);
      } finally {
        await sql(`update core.organizations set enabled_modules = '{}' where id = $1`, [tenant.id]);
      }
    });

    it('follow his groups, and all_members is everybody’s', async () => {
      const groupId = await group();
      const [all] = await sql<{ id: string }>(
        `select id from core.user_groups where organization_id = $1 and group_code = 'all_members'`,
        [tenant.id],
      );
      await create({ menu_code: 'for_group', group_ids: [groupId] });
      await create({ menu_code: 'for_members', group_ids: [all?.id] });
      const among = ['for_group', 'for_members'];
      expect(await visible(clients.viewer, among)).toEqual(['for_members']);
      expect(await visible(clients.platform, among)).toEqual(among);
      const { id } = (await clients.viewer.get('/auth/me')).body.user as { id: string };
      await clients.admin.post(`/user-groups/${groupId}/members`, { user_id: id });
      expect(await visible(clients.viewer, among)).toEqual(among);
      expect(await visible(clients.admin, among)).toEqual(['for_members']);
    });

    it('leave out the invisible and the deleted with all below them, and groups without a child', async () => {
      const hidden = await create({ menu_code: 'hidden', is_visible: false });
      await create({ menu_code: 'below_hidden', parent_id: hidden.id });
      const deleted = await create({ menu_code: 'deleted' });
      await clients.admin.delete(`/menus/${deleted.id}`);
      const parent = await create({ menu_code: 'a_group', menu_type: 'group' });
      await create({ menu_code: 'a_line', menu_type: 'divider' });
      const among = ['hidden', 'below_hidden', 'deleted', 'a_group', 'a_line', 'a_child'];
      expect(await visible(clients.executive, among)).toEqual(['a_line']);
      await create({ menu_code: 'a_child', parent_id: parent.id, required_permission: 'user_read' });
      expect(await visible(clients.executive, among)).toEqual(['a_line']);
      const seen = (await mine(clients.admin)).find(({ menu_code: code }) => code === 'a_group');
      expect(seen?.children).toMatchObject([{ menu_code: 'a_child', required_permission: 'user_read', children: [] }]);
    });

    it('are whole down to the fifth level', async () => {
      const menus = await chain(5);
      let nodes = await mine(clients.executive);
      for (const { menu_code: code } of menus) {
        const node = nodes.find((each) => each.menu_code === code);
        expect(Object.keys(node ?? {})).toEqual(expect.arrayContaining(['id', 'menu_name', 'menu_url', 'children']));
        nodes = [...(node?.children ?? [])];
      }
      expect(nodes).toEqual([]);
    });

    it('need a tenant, and are those of no other', async () => {
      await create({ menu_code: 'foreign' }, clients.stranger);
      expect(await visible(clients.admin, ['foreign'])).toEqual([]);
      expect(await visible(clients.stranger, ['foreign'])).toEqual(['foreign']);
      const platform = clients.platform.with({ 'x-tenant': '' });
      refused(await platform.get('/menus/me'), 400, 'tenant_required');
    });
  });

  it('that every tenant starts with are made once, with their entries', async () => {
    expect(
      await sql(
        `select array_agg(menu_code::text order by display_order) as codes from core.menus m join core.organizations o on o.id = m.organization_id
         where tenant_code = 'globex'`,
      ),
    ).toEqual([{ codes: DEFAULTS }]);
    expect(
      await sql(
        `select count(*)::int as n from core.audit_log a join core.organizations o on o.id = a.organization_id
         where tenant_code = 'globex' and resource in ('menus', 'user_groups') and action = 'create'`,
      ),
    ).toEqual([{ n: 9 }]);
  });

  /** What a change reaches a moment later. */
  async function eventually(holds: () => Promise<void>): Promise<void> {
    for (const until = Date.now() + 5_000; ;) {
      try {
        await holds();
        return;
      } catch (error) {
        if (Date.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
});
