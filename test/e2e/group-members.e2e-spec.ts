import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { refused, START_MS } from '../support/control-plane.js';
import { GroupsWorld, type Member } from './groups-world.js';

const PARALLEL = 50;

describe('members of groups', () => {
  const world = new GroupsWorld();
  const { clients, tenant, other, sql, user, audited, withPermission, create, system, members, stored } = world;
  beforeAll(world.start, START_MS);
  afterAll(world.stop);

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
    refused(await clients.admin.get(`/user-groups/${randomUUID()}/members`), 404, 'not_found');
    refused(await clients.admin.get(`/user-groups/${randomUUID()}/members?x=1`), 422, 'validation_failed', 'x');
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
