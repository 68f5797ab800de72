import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { type BoardsWorld, boardsWorld, idsOf, type Made, made, NOBODY, notThere } from './boards-world.js';

describe('posts', () => {
  let world: BoardsWorld;
  let board: Made;
  let path: string;
  beforeAll(async () => {
    world = await boardsWorld();
  }, 60_000);
  beforeEach(async () => {
    board = await world.board();
    path = `${board.path}/posts`;
  });
  afterAll(() => world.close());

  const post = (client: Client, input: object = {}) =>
    made(client, path, { title: 'A post', content: 'Words', ...input });

  it('are their author’s, with the defaults and one entry', async () => {
    const { row, id } = await post(world.executive);
    expect(row).toMatchObject({
      tenant_id: world.mine.id,
      board_id: board.id,
      category_id: null,
      author_id: await world.idOf('executive'),
      is_pinned: false,
      status: 'published',
      view_count: 0,
      comment_count: 0,
      version: 1,
    });
    expect(row).not.toHaveProperty('search');
    expect(await world.entriesOf('posts', id)).toEqual(['create']);
    expect((await world.viewer.post(path, { title: 'x', content: 'x' })).body).toMatchObject({
      status: 403,
      required: 'post_create',
    });
  });

  it.each([
    [{ title: '', content: 'x' }, 'title'],
    [{ title: 'x'.repeat(201), content: 'x' }, 'title'],
    [{ title: 'x', content: 'x'.repeat(65_537) }, 'content'],
    [{ title: 'x' }, 'content'],
    [{ title: 'x', content: 'x', status: 'gone' }, 'status'],
    [{ title: 'x', content: 'x', author_id: NOBODY }, 'author_id'],
    [{ title: 'x', content: 'x', board_id: NOBODY }, 'board_id'],
    [{ title: 'x', content: 'x', view_count: 5 }, 'view_count'],
    [{ title: 'x', content: 'x', comment_count: 5 }, 'comment_count'],
    [{ title: 'x', content: 'x', category_id: NOBODY }, 'category_id'],
  ])('refuse %j at %s', async (body, at) => {
    const { status, body: problem } = await world.admin.post(path, body);
    expect([status, (problem as { errors: { path: string }[] }).errors.map((fault) => fault.path)]).toEqual([
      422,
      [at],
    ]);
  });

  it('take a category of their own board alone', async () => {
    const other = await world.board();
    const category = await made(world.admin, `${other.path}/categories`, { category_code: 'c', category_name: 'C' });
    const own = await made(world.admin, `${board.path}/categories`, { category_code: 'c', category_name: 'C' });
    const refused = await world.admin.post(path, { title: 'x', content: 'x', category_id: category.id });
    expect([refused.status, refused.body]).toMatchObject([
      422,
      { errors: [{ path: 'category_id', code: 'not_found' }] },
    ]);
    const taken = await post(world.executive, { category_id: own.id });
    expect((await world.executive.patch(taken.path, { category_id: category.id })).status).toBe(422);
    expect((await world.executive.patch(taken.path, { category_id: null })).body).toMatchObject({
      category_id: null,
      version: 2,
    });
    await world.admin.delete(own.path);
    expect((await world.executive.patch(taken.path, { category_id: own.id })).status).toBe(422);
  });

  it('are changed and deleted by their author with post_create, by others with the permission of it', async () => {
    const mine = await post(world.executive);
    const change = { title: 'Changed' };
    expect((await world.manager.patch(mine.path, change)).body).toMatchObject({
      status: 403,
      code: 'permission_denied',
      layer: 'permission',
      required: 'post_update',
    });
    expect((await world.manager.delete(mine.path)).body).toMatchObject({ status: 403, required: 'post_delete' });
    expect((await world.viewer.patch(mine.path, change)).status).toBe(403);
    expect((await world.editor.delete(mine.path)).body).toMatchObject({ status: 403, required: 'post_delete' });
    expect((await world.admin.get(mine.path)).body).toMatchObject({ title: 'A post', version: 1 });
    expect((await world.executive.patch(mine.path, change)).status).toBe(200);
    expect((await world.editor.patch(mine.path, { content: 'Edited' })).body).toMatchObject({
      version: 3,
      content: 'Edited',
    });
    expect((await world.executive.patch(mine.path, change, { 'if-match': '"1"' })).status).toBe(412);
    expect((await world.executive.delete(`${mine.path}?hard=true`)).body).toMatchObject({
      status: 403,
      required: 'post_manage',
    });
    expect((await world.executive.delete(mine.path)).status).toBe(204);
    expect((await world.executive.get(mine.path)).status).toBe(404);
    expect((await world.executive.post(`${mine.path}/restore`)).status).toBe(403);
    expect((await world.admin.post(`${mine.path}/restore`)).status).toBe(200);
    expect(await world.entriesOf('posts', mine.id)).toEqual(['create', 'update', 'update', 'delete', 'restore']);
    expect((await world.admin.delete(`${mine.path}?hard=true`)).status).toBe(204);
  });

  it('ask the board’s groups for writing, of their author too', async () => {
    const writers = await world.group(`w${board.id.slice(-8)}`, 'executive');
    const mine = await post(world.executive);
    const others = await post(world.manager);
    await world.admin.patch(board.path, { write_group_ids: [writers] });
    expect((await world.manager.patch(others.path, { title: 'x' })).status).toBe(403);
    expect((await world.manager.delete(others.path)).status).toBe(403);
    expect((await world.editor.patch(mine.path, { title: 'x' })).status).toBe(403);
    expect((await world.manager.post(`/posts/${mine.id}/comments`, { content: 'x' })).status).toBe(403);
    expect((await world.executive.patch(mine.path, { title: 'x' })).status).toBe(200);
    expect((await world.admin.patch(others.path, { title: 'x' })).status).toBe(200);
  });

  /** All ways by which a post could show itself. */
  async function ways(client: Client, { id, path: one }: Made, word: string) {
    const list = await client.get(`${path}?with_total=true`);
    const found = await client.get(`${path}?with_total=true&q=${word}`);
    const { items, total } = list.body as { items: object[]; total: number };
    const comments = `/posts/${id}/comments`;
    return {
      list: idsOf(list).includes(id),
      totals: items.length === total && (found.body as { total: number }).total === idsOf(found).length,
      search: idsOf(found).includes(id),
      csv: (await client.get(`${path}.csv`)).text.includes(id),
      get: (await client.get(one)).status,
      comments: (await client.get(comments)).status,
      comment: (await client.post(comments, { content: 'x' })).status,
    };
  }
  const shown = { list: true, totals: true, search: true, csv: true, get: 200, comments: 200, comment: 201 };
  const unseen = { list: false, totals: true, search: false, csv: false, get: 404, comments: 404, comment: 404 };

  it('that are drafts are their author’s alone', async () => {
    const draft = await post(world.executive, { status: 'draft', title: 'Drafted' });
    expect(await ways(world.executive, draft, 'drafted')).toEqual(shown);
    for (const other of [world.admin, world.editor, world.manager])
      expect(await ways(other, draft, 'drafted')).toEqual(unseen);
    for (const status of [
      (await world.admin.patch(draft.path, { title: 'x' })).status,
      (await world.admin.delete(draft.path)).status,
      (await world.admin.delete(`${draft.path}?hard=true`)).status,
      (await world.admin.post(`${draft.path}/restore`)).status,
    ])
      expect(status).toBe(404);
    await world.executive.delete(draft.path);
    expect(idsOf(await world.admin.get(`${path}?is_deleted=true`))).toEqual([]);
    expect((await world.admin.post(`${draft.path}/restore`)).status).toBe(404);
    const next = await post(world.executive, { status: 'draft' });
    expect((await world.executive.patch(next.path, { status: 'published' })).status).toBe(200);
    expect((await world.manager.get(next.path)).status).toBe(200);
    expect((await world.editor.patch(next.path, { status: 'draft' })).status).toBe(422);
  });

  it('that are hidden are their author’s and board_manage’s', async () => {
    const hidden = await post(world.executive, { title: 'Tucked' });
    expect((await world.editor.patch(hidden.path, { status: 'hidden' })).body).toMatchObject({
      status: 403,
      required: 'post_manage',
    });
    expect((await world.admin.patch(hidden.path, { status: 'hidden' })).status).toBe(200);
    expect(await ways(world.executive, hidden, 'tucked')).toEqual(shown);
    expect(await ways(world.admin, hidden, 'tucked')).toEqual(shown);
    for (const other of [world.manager, world.editor]) expect(await ways(other, hidden, 'tucked')).toEqual(unseen);
    expect((await world.executive.patch(hidden.path, { status: 'published' })).status).toBe(403);
    expect((await world.admin.patch(hidden.path, { status: 'published' })).status).toBe(200);
    expect((await world.manager.get(hidden.path)).status).toBe(200);
  });

  it('are pinned by who may change those of others, and listed by it', async () => {
    const old = await post(world.executive);
    const young = await post(world.executive);
    expect((await world.executive.patch(old.path, { is_pinned: true })).body).toMatchObject({
      status: 403,
      required: 'post_update',
    });
    expect((await world.executive.post(path, { title: 'x', content: 'x', is_pinned: true })).status).toBe(403);
    expect((await world.executive.patch(old.path, { is_pinned: false })).status).toBe(200);
    for (const client of [world.editor, world.admin])
      for (const is_pinned of [false, true])
        expect((await client.patch(old.path, { is_pinned })).body).toMatchObject({ is_pinned });
    expect(idsOf(await world.viewer.get(path))).toEqual([young.id, old.id]);
    expect(idsOf(await world.viewer.get(`${path}?sort=-is_pinned,-created_at`))).toEqual([old.id, young.id]);
    expect(idsOf(await world.viewer.get(`${path}?is_pinned=true`))).toEqual([old.id]);
  });

  it('page by cursor over pinned ones first', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await post(world.admin, { title: `n${String(n)}`, is_pinned: n < 2 })).id);
    const order = [...ids.slice(3), ...ids.slice(0, 3)];
    const paged: string[] = [];
    let cursor = '';
    do {
      const { body } = await world.viewer.get(`${path}?sort=-is_pinned,-created_at&limit=2${cursor}`);
      const { items, next_cursor: next } = body as { items: { id: string }[]; next_cursor: string | null };
      paged.push(...items.map(({ id }) => id));
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    expect(paged).toEqual(order);
  });

  it('filter by status, category, author and time, and name their author', async () => {
    const category = await made(world.admin, `${board.path}/categories`, { category_code: 'c', category_name: 'C' });
    const one = await post(world.executive, { category_id: category.id });
    const other = await post(world.manager, { status: 'hidden' });
    const author = await world.idOf('executive');
    const found = async (query: string) => idsOf(await world.admin.get(`${path}?${query}`));
    expect(await found(`category_id=${category.id}`)).toEqual([one.id]);
    expect(await found('category_id=null')).toEqual([other.id]);
    expect(await found(`author_id=${author}`)).toEqual([one.id]);
    expect(await found('status=hidden')).toEqual([other.id]);
    expect(await found(`created_at_gte=${(other.row as { created_at: string }).created_at}`)).toContain(other.id);
    expect((await world.admin.get(`${path}?content=x`)).status).toBe(422);
    const name = { id: author, full_name: 'Elena Petrova', avatar_url: null };
    expect((await world.viewer.get(`${path}?include=author`)).body).toMatchObject({ items: [{ author: name }] });
    expect((await world.viewer.get(`${one.path}?include=author`)).body).toMatchObject({ author: name });
  });

  it('are found by their words, without case, in the board that is asked', async () => {
    const other = await world.board();
    await made(world.admin, `${other.path}/posts`, { title: 'Zebra elsewhere', content: 'x' });
    const title = await post(world.executive, { title: 'The Zebra' });
    const content = await post(world.executive, { content: 'a zebra, striped' });
    await post(world.executive, { content: 'zebras' });
    expect(idsOf(await world.viewer.get(`${path}?q=ZEBRA`))).toEqual([content.id, title.id]);
    expect(idsOf(await world.viewer.get(`${path}?q=zebra+striped`))).toEqual([content.id]);
    expect(idsOf(await world.viewer.get(`${path}?q=zebra+-striped`))).toEqual([title.id]);
    expect((await world.viewer.get(`${path}?q=z`)).status).toBe(422);
    expect(idsOf(await world.viewer.get(`${path}?q=%25%25`))).toEqual([]);
  });

  it('count each view, also 50 at once, with no version and no entry', async () => {
    const mine = await post(world.executive);
    await Promise.all(Array.from({ length: 50 }, () => world.viewer.get(mine.path)));
    expect((await world.executive.get(mine.path)).body).toMatchObject({ view_count: 51, version: 1 });
    expect((await world.viewer.get(mine.path)).body).toMatchObject({ view_count: 52 });
    expect(await world.entriesOf('posts', mine.id)).toEqual(['create']);
    expect((await world.viewer.get(mine.path, { 'if-none-match': mine.etag })).status).toBe(304);
  });

  it('keep their author when his user row is gone', async () => {
    const mine = await post(world.executive);
    const author = await world.idOf('executive');
    const gone = '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c99';
    await world.at.sql('update posts set author_id = $2 where id = $1', [mine.id, gone]);
    expect((await world.viewer.get(`${mine.path}?include=author`)).body).toMatchObject({
      author_id: gone,
      author: null,
    });
    expect((await world.executive.patch(mine.path, { title: 'x' })).status).toBe(403);
    await world.at.sql('update posts set author_id = $2 where id = $1', [mine.id, author]);
  });

  it('of another tenant, or of another board, are not there', async () => {
    const mine = await post(world.executive);
    const other = await world.board();
    for (const [client, at] of [
      [world.stranger, mine.path],
      [world.admin, `${other.path}/posts/${mine.id}`],
      [world.admin, `/boards/${NOBODY}/posts/${mine.id}`],
    ] as const)
      await notThere(client, at, { title: 'stolen' });
    expect((await world.admin.get('/boards/x/posts')).status).toBe(422);
    expect((await world.executive.get(mine.path)).body).toMatchObject({ title: 'A post', version: 1 });
  });
});
