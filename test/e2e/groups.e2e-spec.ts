import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { GroupUses } from '../support/dist.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { auditOf } from '../support/oracles.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

interface Group {
  readonly id: string;
  readonly group_code: string;
  readonly version: number;
}
interface Member {
  readonly id: string;
  readonly user_id: string;
  readonly username: string | null;
  readonly email: string | null;
  readonly full_name: string | null;
}

const PARALLEL = 50;

describe('groups of users', () => {
  let app: TestApp;
  let clients: Record<'admin' | 'manager' | 'executive' | 'editor' | 'viewer' | 'stranger' | 'platform', Client>;
  let tenant: Tenant;
  let other: Tenant;
  let users: Map<string, string>;
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
    const rows = await sql<{ id: string; username: string }>(
      'select id, username from core.users where organization_id = $1',
      [tenant.id],
    );
    users = new Map(rows.map(({ id, username }) => [username, id]));
  });
  afterAll(() => app.close());

  const sql = <Row = Record<string, unknown>>(text: string, values?: unknown[]) => app.database.sql<Row>(text, values);
  const user = (name: string): string => users.get(name) ?? '';
  let made = 0;
  const create = async (more: object = {}, client = clients.admin): Promise<Group> => {
    const answer = await client.post('/user-groups', {
      group_code: `group_${String(++made)}`,
      group_name: 'A group',
      ...more,
    });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body as Group;
  };
  const system = async (code: string, of = tenant): Promise<string> => {
    const [group] = await sql<{ id: string }>(
      'select id from core.user_groups where organization_id = $1 and group_code = $2',
      [of.id, code],
    );
    return group?.id ?? '';
  };
  const members = async (id: string, query = '', client = clients.admin): Promise<Member[]> => {
    const { status, body, text } = await client.get(`/user-groups/${id}/members?${query}`);
    if (status !== 200) throw new Error(text);
    return (body as { items: Member[] }).items;
  };
  const stored = (id: string) =>
    sql<{ user_id: string }>('select user_id from core.user_group_members where group_id = $1 order by user_id', [id]);
  const refused = (answer: Answer, status: number, code: string, path?: string, fault?: string) => {
    expect(answer).toMatchObject({ status, body: { code } });
    if (path !== undefined)
      expect(answer.body.errors).toContainEqual(
        expect.objectContaining({ path, ...(fault === undefined ? {} : { code: fault }) }),
      );
  };
  /** Sends with a request id of its own, by which the entries that it left are found. */
  const audited = async (send: (headers: Record<string, string>) => Promise<Answer>) => {
    const id = `audit-${randomUUID()}`;
    const answer = await send({ 'x-request-id': id });
    const entries = await auditOf(app.database, id);
    return { answer, entries: entries.map(({ action, row }) => `${action} ${row.split(' ')[0] ?? ''}`).sort() };
  };

  describe('as a resource', () => {
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
      ['group_name', { group_name: 'x'.repeat(201) }],
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
        await sql(`select from core.user_groups where organization_id = $1 and group_code_lower = 'raced'`, [
          tenant.id,
        ]),
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
      expect((await members(group.id)).map(({ id }) => id)).toEqual([user('viewer')]);
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
      const menu = await clients.admin.post('/menus', {
        menu_code: 'names_a_group',
        menu_name: 'Names',
        group_ids: [group.id],
      });
      for (const hard of ['', '?hard=true'])
        refused(await clients.admin.delete(`/user-groups/${group.id}${hard}`), 409, 'in_use');
      expect(await sql('select from core.user_groups where id = $1 and deleted_at is null', [group.id])).toHaveLength(
        1,
      );
      await clients.admin.patch(`/menus/${String(menu.body.id)}`, { group_ids: [] });
      expect((await clients.admin.delete(`/user-groups/${group.id}`)).status).toBe(204);
    });

    it('stay while another plane names them, after the refusals that come before', async () => {
      const group = await create();
      let asked = 0;
      app.app.get(GroupUses).register('test', (id) => {
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
        app.app.get(GroupUses).register('test', () => Promise.resolve(false));
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
      refused(await app.anonymous.get('/user-groups'), 401, 'unauthenticated');
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
  });

  describe('and their members', () => {
    it('are linked with 201 and their row, once with one entry, and a second time with 200', async () => {
      const { id } = await create();
      const link = (headers: Record<string, string>) =>
        clients.admin.post(`/user-groups/${id}/members`, { user_id: user('viewer') }, headers);
      const first = await audited(link);
      expect(first.answer).toMatchObject({
        status: 201,
        body: {
          id: user('viewer'),
          user_id: user('viewer'),
          group_id: id,
          username: 'viewer',
          email: 'viewer@testcorp.com',
        },
      });
      const location = first.answer.headers.get('location') ?? '';
      expect(location).toBe(`/api/v1/user-groups/${id}/members/${user('viewer')}`);
      expect(first.entries).toEqual(['create core.user_group_members']);
      expect((await clients.admin.get(location.replace('/api/v1', ''))).body).toEqual(first.answer.body);
      const second = await audited(link);
      expect(second).toMatchObject({ answer: { status: 200, body: { id: user('viewer') } }, entries: [] });
      expect(await stored(id)).toEqual([{ user_id: user('viewer') }]);
    });

    it('are linked many at once, in the order of the request', async () => {
      const { id } = await create();
      const ids = [user('viewer'), user('editor').toUpperCase(), user('viewer')];
      const answer = await clients.admin.post(`/user-groups/${id}/members`, { user_ids: ids, tenant_id: tenant.id });
      expect(answer.status).toBe(201);
      expect((answer.body as { items: Member[] }).items.map((member) => member.id)).toEqual([
        user('viewer'),
        user('editor'),
      ]);
      expect(Object.keys(answer.body as object)).toEqual(['items']);
      expect(await stored(id)).toHaveLength(2);
    });

    it('are linked all or not at all: strangers, the deleted and nobody are told apart by nothing', async () => {
      const { id } = await create();
      const [gone] = await sql<{ id: string }>(
        `insert into core.users (id, organization_id, username, email, deleted_at) values (gen_random_uuid(), $1, 'gone', 'gone@testcorp.com', now()) returning id`,
        [tenant.id],
      );
      await sql(`insert into core.user_tenant_associations (organization_id, user_id) values ($1, $2)`, [
        tenant.id,
        gone?.id,
      ]);
      for (const foreign of [other.adminId, randomUUID(), gone?.id ?? '']) {
        const path = `/user-groups/${id}/members`;
        refused(await clients.admin.post(path, { user_id: foreign }), 422, 'validation_failed', 'user_id', 'not_found');
        refused(
          await clients.admin.post(path, { user_ids: [user('viewer'), foreign] }),
          422,
          'validation_failed',
          'user_ids.1',
          'not_found',
        );
      }
      expect(await stored(id)).toEqual([]);
    });

    it.each([
      ['user_id', {}],
      ['user_id', { user_id: 'me' }],
      ['user_ids', { user_ids: [] }],
      ['user_ids', { user_ids: Array.from({ length: 501 }, () => randomUUID()) }],
      ['user_ids', { user_ids: ['me'] }],
      ['nonsense', { nonsense: 1 }],
    ])('are refused with 422 at %s for a body that is none', async (path, body) => {
      const { id } = await create();
      refused(await clients.admin.post(`/user-groups/${id}/members`, body), 422, 'validation_failed', path);
    });

    it('are refused for one and many at once, and for another tenant', async () => {
      const { id } = await create();
      const both = { user_id: user('viewer'), user_ids: [user('viewer')] };
      refused(await clients.admin.post(`/user-groups/${id}/members`, both), 422, 'validation_failed', 'user_ids');
      refused(
        await clients.admin.post(`/user-groups/${id}/members`, { user_id: user('viewer'), tenant_id: other.id }),
        403,
        'tenant_mismatch',
      );
      expect(await stored(id)).toEqual([]);
    });

    it('are unlinked with one entry; who is no member is 404', async () => {
      const { id } = await create();
      await clients.admin.post(`/user-groups/${id}/members`, { user_ids: [user('viewer'), user('editor')] });
      const path = `/user-groups/${id}/members/${user('viewer')}`;
      const { answer, entries } = await audited((headers) => clients.admin.delete(path, headers));
      expect(answer.status).toBe(204);
      expect(entries).toEqual(['delete core.user_group_members']);
      refused(await clients.admin.delete(path), 404, 'not_found');
      expect(await stored(id)).toEqual([{ user_id: user('editor') }]);
    });

    it('are linked once by many at the same time', async () => {
      const { id } = await create();
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, () =>
          clients.admin.post(`/user-groups/${id}/members`, { user_id: user('viewer') }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([
        ...Array.from({ length: PARALLEL - 1 }, () => 200),
        201,
      ]);
      expect(await stored(id)).toHaveLength(1);
    });

    it('never outlive a group that is deleted for good at the same time', async () => {
      for (let round = 0; round < 10; round++) {
        const { id } = await create();
        const answers = await Promise.all([
          ...['viewer', 'editor', 'manager'].map((name) =>
            clients.admin.post(`/user-groups/${id}/members`, { user_id: user(name) }),
          ),
          clients.admin.delete(`/user-groups/${id}?hard=true`),
        ]);
        expect(answers.at(-1)?.status).toBe(204);
        for (const { status } of answers.slice(0, -1)) expect([201, 404]).toContain(status);
        expect(await stored(id)).toEqual([]);
      }
    });

    it('are answered once for an idempotency key', async () => {
      const { id } = await create();
      const key = { 'idempotency-key': randomUUID() };
      const link = () => clients.admin.post(`/user-groups/${id}/members`, { user_id: user('viewer') }, key);
      const first = await link();
      await clients.admin.delete(`/user-groups/${id}/members/${user('viewer')}`);
      const second = await link();
      expect(second).toMatchObject({ status: 201, body: first.body as object });
      expect(await stored(id)).toEqual([]);
    });

    it('are a page by the conventions of lists', async () => {
      const { id } = await create();
      const names = ['admin', 'editor', 'executive', 'manager', 'viewer'];
      await clients.admin.post(`/user-groups/${id}/members`, { user_ids: names.map(user) });
      const seen: (string | null)[] = [];
      for (let cursor = ''; ;) {
        const { body } = await clients.admin.get(
          `/user-groups/${id}/members?limit=2&sort=username&with_total=true${cursor}`,
        );
        const page = body as { items: Member[]; next_cursor: string | null; total: number };
        expect(page.total).toBe(5);
        seen.push(...page.items.map(({ username }) => username));
        if (page.next_cursor === null) break;
        cursor = `&cursor=${page.next_cursor}`;
      }
      expect(seen).toEqual(names);
      expect((await members(id, 'q=manager@')).map(({ username }) => username)).toEqual(['manager']);
      refused(await clients.admin.get(`/user-groups/${id}/members?is_deleted=true`), 422, 'validation_failed');
    });

    it('are names alone for a caller without user_read', async () => {
      const { id } = await create();
      await clients.admin.post(`/user-groups/${id}/members`, { user_ids: [user('viewer'), user('manager')] });
      const guest = await withPermission('executive', 'group_read');
      const seen = await members(id, '', guest);
      expect(seen).toHaveLength(2);
      for (const member of seen) expect(member).toMatchObject({ username: null, email: null });
      expect(seen.map(({ full_name: name }) => name).sort()).toEqual(
        (await members(id)).map(({ full_name: name }) => name).sort(),
      );
      const everybody = await members(await system('all_members'), 'limit=500', guest);
      expect(everybody.map(({ id: each }) => each).sort()).toEqual(
        (await members(await system('all_members'), 'limit=500')).map(({ id: each }) => each).sort(),
      );
    });
  });

  describe('of the system', () => {
    it('are there in every tenant from its first day on, with its users among the regular ones', async () => {
      const groups = await sql<{ n: string }>(
        `select count(*) as n from core.user_groups where group_type = 'system' and deleted_at is null group by organization_id`,
      );
      expect(groups.map(({ n }) => Number(n))).toEqual(
        (await sql('select from core.organizations where deleted_at is null')).map(() => 4),
      );
      expect((await members(await system('regular_users'))).map(({ username }) => username).sort()).toEqual([
        'admin',
        'editor',
        'executive',
        'manager',
        'viewer',
      ]);
    });

    it('have all living members of the tenant in all_members, guests too, and nobody else', async () => {
      const all = await system('all_members');
      await sql('insert into core.user_tenant_associations (organization_id, user_id) values ($1, $2)', [
        tenant.id,
        other.adminId,
      ]);
      try {
        const expected = await sql<{ id: string }>(
          `select u.id from core.users u where u.deleted_at is null and (u.organization_id = $1 or u.id = $2)`,
          [tenant.id, other.adminId],
        );
        const seen = await members(all, 'limit=500');
        expect(seen.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
        expect(await stored(all)).toEqual([]);
      } finally {
        await sql('delete from core.user_tenant_associations where organization_id = $1 and user_id = $2', [
          tenant.id,
          other.adminId,
        ]);
      }
    });

    it('take and lose nobody by hand in all_members', async () => {
      const all = await system('all_members');
      const path = `/user-groups/${all}/members`;
      for (const answer of [
        await clients.admin.post(path, { user_id: user('viewer') }),
        await clients.admin.delete(`${path}/${user('viewer')}`),
      ])
        refused(answer, 422, 'validation_failed', 'group_id', 'computed_group');
      expect(await stored(all)).toEqual([]);
    });
  });

  describe('of a user', () => {
    const groupsOf = (name: string, client: Client, query = '') => client.get(`/users/${user(name)}/groups?${query}`);
    const codes = ({ body }: Answer) => (body as { items: Group[] }).items.map(({ group_code: code }) => code).sort();

    it('are shown to himself without any permission, that of all members among them', async () => {
      const group = await create({ group_code: 'of_executive' });
      await clients.admin.post(`/user-groups/${group.id}/members`, { user_id: user('executive') });
      const expected = ['all_members', 'of_executive', 'regular_users'];
      expect(codes(await groupsOf('executive', clients.executive))).toEqual(expected);
      expect(codes(await groupsOf('executive', clients.admin))).toEqual(expected);
      expect(codes(await groupsOf('executive', clients.platform))).toEqual(expected);
      expect(codes(await groupsOf('executive', clients.executive, 'group_type=custom'))).toEqual(['of_executive']);
      refused(await groupsOf('executive', clients.executive, 'nonsense=1'), 422, 'validation_failed', 'nonsense');
    });

    it('need user_read for another, and one in reach', async () => {
      expect(await groupsOf('viewer', clients.executive)).toMatchObject({
        status: 403,
        body: { code: 'permission_denied', required: 'user_read' },
      });
      expect((await groupsOf('executive', clients.manager)).status).toBe(200);
      refused(await groupsOf('viewer', clients.manager), 404, 'not_found');
      for (const id of [other.adminId, randomUUID()])
        refused(await clients.admin.get(`/users/${id}/groups`), 404, 'not_found');
      refused(await clients.admin.get('/users/me/groups'), 422, 'validation_failed', 'user_id');
    });

    it('show the deleted groups to nobody without group_manage', async () => {
      refused(await groupsOf('executive', clients.executive, 'is_deleted=true'), 403, 'permission_denied');
    });
  });

  /** A demo user with one permission more, granted past all calls. */
  async function withPermission(name: string, code: string): Promise<Client> {
    await sql(
      `insert into core.user_permissions (id, organization_id, user_id, permission_id)
       select gen_random_uuid(), $1, $2, id from core.permissions where permission_code = $3 on conflict do nothing`,
      [tenant.id, user(name), code],
    );
    return app.signIn(`${name}@testcorp.com`);
  }
});
