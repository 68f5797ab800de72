import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BoardsWorld, boardsWorld, idsOf, made, NOBODY } from './boards-world.js';

describe('boards', () => {
  let world: BoardsWorld;
  beforeAll(async () => {
    world = await boardsWorld();
  }, 60_000);
  afterAll(() => world.close());

  const all = '/boards?limit=500&with_total=true';

  it('are made with their defaults, one entry in the audit log, and found by code', async () => {
    const board = await made(world.admin, '/boards', {
      board_code: 'announcements',
      board_name: 'Announcements',
      tenant_id: world.mine.id,
    });
    expect(board.row).toMatchObject({
      tenant_id: world.mine.id,
      board_type: 'notice',
      display_order: 0,
      allow_comments: true,
      allow_attachments: true,
      settings: {},
      read_group_ids: [],
      write_group_ids: [],
      version: 1,
      is_active: true,
      is_deleted: false,
    });
    expect(await world.entriesOf('boards', board.id)).toEqual(['create']);
    expect(idsOf(await world.viewer.get('/boards?board_code=announcements'))).toEqual([board.id]);
    expect(
      (await world.admin.post('/boards', { board_code: 'Announcements', board_name: 'Again' })).body,
    ).toMatchObject({
      status: 409,
      code: 'conflict',
      errors: [{ path: 'board_code' }],
    });
  });

  it('are made once by 50 who make the same code at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => world.admin.post('/boards', { board_code: 'raced', board_name: 'Raced' })),
    );
    const statuses = answers.map(({ status }) => status);
    expect([statuses.filter((each) => each === 201).length, statuses.filter((each) => each === 409).length]).toEqual([
      1, 49,
    ]);
  });

  it.each([
    [{ board_code: 'x', board_name: '' }, 'board_name'],
    [{ board_code: 'x', board_name: 'x', board_type: 'blog' }, 'board_type'],
    [{ board_code: 'x'.repeat(51), board_name: 'x' }, 'board_code'],
    [{ board_code: 'x', board_name: 'x', owner_id: NOBODY }, 'owner_id'],
    [{ board_code: 'x', board_name: 'x', read_group_ids: ['x'] }, 'read_group_ids'],
    [{ board_code: 'x', board_name: 'x', read_group_ids: 'x' }, 'read_group_ids'],
    [{ board_code: 'x', board_name: 'x', view_count: 1 }, 'view_count'],
  ])('refuses %j at %s', async (body, path) => {
    const { status, body: problem } = await world.admin.post('/boards', body);
    expect([status, (problem as { errors: { path: string }[] }).errors.map((fault) => fault.path)]).toEqual([
      422,
      [path],
    ]);
  });

  it('name groups of their own tenant alone: one answer for all others', async () => {
    const mine = await world.group('named');
    const [theirs] = await world.app.database.sql<{ id: string }>(
      `insert into core.user_groups (id, organization_id, group_code, group_name) values (uuidv7(), $1, 'theirs', 'Theirs') returning id`,
      [world.theirs.id],
    );
    for (const id of [theirs?.id, NOBODY]) {
      const { status, body } = await world.admin.post('/boards', {
        board_code: 'strange',
        board_name: 'Strange',
        write_group_ids: [mine, id],
      });
      expect([status, (body as { errors: object[] }).errors]).toEqual([
        422,
        [{ path: 'write_group_ids.1', code: 'not_found', message: expect.any(String) }],
      ]);
    }
    expect((await world.admin.get('/boards?board_code=strange')).body).toMatchObject({ items: [] });
  });

  it('change their groups by one entry a row, and raise their version', async () => {
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((code) => world.group(`set_${code}`)));
    const board = await world.board({ read_group_ids: [a, b], write_group_ids: [a] });
    expect(board.row).toMatchObject({ read_group_ids: [a, b].sort(), write_group_ids: [a] });
    const changed = await world.admin.patch(
      board.path,
      { read_group_ids: [b, c], board_name: 'Other' },
      { 'if-match': '"1"' },
    );
    expect(changed.body).toMatchObject({
      read_group_ids: [b, c].sort(),
      write_group_ids: [a],
      board_name: 'Other',
      version: 2,
    });
    expect((await world.admin.patch(board.path, { read_group_ids: [] }, { 'if-match': '"1"' })).status).toBe(412);
    const entries = await world.app.database.everywhere<{ action: string; count: number }>(
      `select action, count(*)::int as count from audit_log where organization_id = $1 and resource = 'board_groups'
       and coalesce(changes->'after', changes->'before')->>'board_id' = $2 group by 1 order by 1`,
      [world.mine.id, board.id],
    );
    expect(entries).toEqual([
      { action: 'create', count: 4 },
      { action: 'delete', count: 1 },
    ]);
    expect((await world.admin.get(board.path)).body).toEqual(changed.body);
  });

  it('are seen by those whom their groups let read, in lists, totals, CSV, single reads and below', async () => {
    const readers = await world.group('readers', 'manager');
    const writers = await world.group('writers', 'executive');
    const board = await world.board({ read_group_ids: [readers], write_group_ids: [writers] });
    const post = await made(world.executive, `${board.path}/posts`, { title: 'Inside', content: 'Inside' });
    const seen = async (client: typeof world.admin) => {
      const list = await client.get(all);
      const { total, items } = list.body as { total: number; items: object[] };
      expect(total).toBe(items.length);
      return {
        list: idsOf(list).includes(board.id),
        csv: (await client.get('/boards.csv')).text.includes(board.id),
        statuses: [
          await client.get(board.path),
          await client.get(`${board.path}/posts`),
          await client.get(post.path),
          await client.get(`/posts/${post.id}/comments`),
        ].map(({ status }) => status),
      };
    };
    const everything = { list: true, csv: true, statuses: [200, 200, 200, 200] };
    const nothing = { list: false, csv: false, statuses: [404, 404, 404, 404] };
    expect(await seen(world.manager)).toEqual(everything);
    expect(await seen(world.executive)).toEqual(everything);
    expect(await seen(world.admin)).toEqual(everything);
    expect(await seen(world.viewer)).toEqual(nothing);
    expect(await seen(world.editor)).toEqual(nothing);
    expect((await world.editor.patch(board.path, { board_name: 'x' })).status).toBe(404);
    expect((await world.editor.post(`${board.path}/posts`, { title: 'x', content: 'x' })).status).toBe(404);
    const denied = await world.manager.post(`${board.path}/posts`, { title: 'x', content: 'x' });
    expect(denied.body).toMatchObject({ status: 403, code: 'permission_denied', layer: 'permission' });
  });

  it('count the group of all members', async () => {
    const everyone = await world.app.database.sql<{ id: string }>(
      `insert into core.user_groups (id, organization_id, group_code, group_name, group_type) values (uuidv7(), $1, 'all_members', 'All', 'system')
       on conflict (organization_id, group_code_lower) where deleted_at is null do update set priority = 0 returning id`,
      [world.mine.id],
    );
    const board = await world.board({ read_group_ids: [everyone[0]?.id] });
    expect((await world.viewer.get(board.path)).status).toBe(200);
  });

  it('ask the permission of each action, and are another tenant’s to nobody', async () => {
    const board = await world.board();
    const body = { board_name: 'Mine' };
    expect((await world.executive.post('/boards', { board_code: 'x', board_name: 'x' })).body).toMatchObject({
      status: 403,
      required: 'board_create',
    });
    expect((await world.executive.patch(board.path, body)).body).toMatchObject({
      status: 403,
      required: 'board_update',
    });
    expect((await world.editor.delete(board.path)).body).toMatchObject({ status: 403, required: 'board_delete' });
    expect((await world.editor.post(`${board.path}/restore`)).body).toMatchObject({
      status: 403,
      required: 'board_manage',
    });
    for (const [method, path] of [
      ['GET', board.path],
      ['PATCH', board.path],
      ['DELETE', board.path],
      ['POST', `${board.path}/restore`],
      ['GET', `${board.path}/posts`],
      ['POST', `${board.path}/posts`],
      ['GET', `${board.path}/categories`],
      ['POST', `${board.path}/categories`],
    ] as const) {
      const input =
        method === 'PATCH' ? body : method === 'POST' && !path.endsWith('restore') ? inputOf(path) : undefined;
      expect([method, path, (await world.stranger.send(method, path, input)).status]).toEqual([method, path, 404]);
    }
    expect((await world.admin.get(board.path)).body).toEqual(board.row);
  });

  it('go with all below them and come back with exactly that', async () => {
    const board = await world.board();
    const category = await made(world.admin, `${board.path}/categories`, { category_code: 'c', category_name: 'C' });
    const [kept, gone] = await Promise.all(
      ['kept', 'gone'].map((title) =>
        made(world.admin, `${board.path}/posts`, { title, content: title, category_id: category.id }),
      ),
    );
    if (!kept || !gone) throw new Error('no posts');
    const comments = `/posts/${kept.id}/comments`;
    const comment = await made(world.admin, comments, { content: 'stays' });
    const removed = await made(world.admin, comments, { content: 'goes before' });
    expect([(await world.admin.delete(gone.path)).status, (await world.admin.delete(removed.path)).status]).toEqual([
      204, 204,
    ]);

    expect((await world.admin.delete(board.path)).status).toBe(204);
    const below = [board.path, category.path, kept.path, gone.path, comment.path, removed.path];
    const statuses = async () => Promise.all(below.map(async (path) => (await world.admin.get(path)).status));
    expect(await statuses()).toEqual([404, 404, 404, 404, 404, 404]);
    expect(idsOf(await world.admin.get('/boards?is_deleted=true&limit=500'))).toContain(board.id);
    expect((await world.editor.get('/boards?is_deleted=true')).status).toBe(403);

    const back = await world.admin.post(`${board.path}/restore`);
    expect([back.status, back.body]).toMatchObject([200, { id: board.id, is_deleted: false }]);
    expect(await statuses()).toEqual([200, 200, 200, 404, 200, 404]);
    expect((await world.admin.get(kept.path)).body).toMatchObject({ comment_count: 1 });
    expect(await world.entriesOf('comments', comment.id)).toEqual(['create', 'delete', 'restore']);
    expect(await world.entriesOf('comments', removed.id)).toEqual(['create', 'delete']);
    expect((await world.admin.post(`${gone.path}/restore`)).status).toBe(200);
  });

  it('do not come back when their code was taken meanwhile', async () => {
    const board = await world.board({ board_code: 'taken' });
    await world.admin.delete(board.path);
    await world.board({ board_code: 'TAKEN' });
    expect((await world.admin.post(`${board.path}/restore`)).body).toMatchObject({
      status: 409,
      code: 'conflict',
      errors: [{ path: 'board_code' }],
    });
    expect((await world.admin.get(board.path)).status).toBe(404);
  });

  it('are removed for good with all below them, an entry for each row', async () => {
    const board = await world.board({ write_group_ids: [await world.group('removed', 'admin')] });
    const post = await made(world.admin, `${board.path}/posts`, { title: 'x', content: 'x' });
    const comment = await made(world.admin, `/posts/${post.id}/comments`, { content: 'x' });
    await made(world.admin, `/posts/${post.id}/comments`, { content: 'y', parent_id: comment.id });
    await made(world.admin, `${board.path}/categories`, { category_code: 'c', category_name: 'C' });
    await world.admin.delete(post.path);
    expect((await world.editor.delete(`${board.path}?hard=true`)).status).toBe(403);
    expect((await world.admin.delete(`${board.path}?hard=true`)).status).toBe(204);
    const [left] = await world.at.sql(
      `select (select count(*)::int from boards where id = $1) as boards, (select count(*)::int from posts where board_id = $1) as posts,
         (select count(*)::int from comments where post_id = $2) as comments, (select count(*)::int from board_groups where board_id = $1) as groups,
         (select count(*)::int from board_categories where board_id = $1) as categories`,
      [board.id, post.id],
    );
    expect(left).toEqual({ boards: 0, posts: 0, comments: 0, groups: 0, categories: 0 });
    expect(await world.entriesOf('comments', comment.id)).toEqual(['create', 'delete', 'delete']);
    expect(await world.entriesOf('boards', board.id)).toEqual(['create', 'delete']);
  });

  describe('have categories', () => {
    it('in their order, of one code each, used ones kept', async () => {
      const board = await world.board();
      const other = await world.board();
      const path = `${board.path}/categories`;
      const second = await made(world.editor, path, { category_code: 'b', category_name: 'B', display_order: 2 });
      const first = await made(world.editor, path, { category_code: 'a', category_name: 'A', display_order: 1 });
      await made(world.editor, `${other.path}/categories`, { category_code: 'a', category_name: 'A' });
      expect(idsOf(await world.viewer.get(path))).toEqual([first.id, second.id]);
      expect((await world.executive.get(path)).status).toBe(403);
      expect((await world.editor.post(path, { category_code: 'A', category_name: 'A' })).body).toMatchObject({
        status: 409,
        errors: [{ path: 'category_code' }],
      });
      const post = await made(world.executive, `${board.path}/posts`, {
        title: 'x',
        content: 'x',
        category_id: first.id,
      });
      expect((await world.admin.delete(first.path)).body).toMatchObject({ status: 409, code: 'in_use' });
      expect((await world.admin.delete(`${first.path}?hard=true`)).body).toMatchObject({ status: 409, code: 'in_use' });
      await world.admin.delete(post.path);
      expect((await world.admin.delete(first.path)).status).toBe(204);
      expect((await world.admin.post(`${post.path}/restore`)).status).toBe(409);
      expect((await world.admin.post(`${first.path}/restore`)).status).toBe(200);
      expect((await world.admin.post(`${post.path}/restore`)).status).toBe(200);
      // a category of another board of the same tenant, by its own id below this one
      expect((await world.admin.get(`${other.path}/categories/${first.id}`)).status).toBe(404);
      expect((await world.admin.patch(`${other.path}/categories/${first.id}`, { category_name: 'x' })).status).toBe(
        404,
      );
      expect((await world.admin.delete(`${other.path}/categories/${first.id}`)).status).toBe(404);
    });
  });
});

const inputOf = (path: string): object =>
  path.endsWith('posts') ? { title: 'x', content: 'x' } : { category_code: 'x', category_name: 'x' };
