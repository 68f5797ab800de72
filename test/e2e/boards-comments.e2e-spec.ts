import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { type BoardsWorld, boardsWorld, idsOf, type Made, made, NOBODY, notThere } from './boards-world.js';

describe('comments', () => {
  let world: BoardsWorld;
  let board: Made;
  let post: Made;
  let path: string;
  beforeAll(async () => {
    world = await boardsWorld();
  }, 60_000);
  beforeEach(async () => {
    board = await world.board();
    post = await made(world.executive, `${board.path}/posts`, { title: 'A post', content: 'Words' });
    path = `/posts/${post.id}/comments`;
  });
  afterAll(() => world.close());

  const comment = (client: Client, input: object = {}) => made(client, path, { content: 'A comment', ...input });
  const count = async () => {
    const { body } = await world.executive.get(post.path);
    return (body as { comment_count: number }).comment_count;
  };

  it('are their author’s, threaded, and counted without a version', async () => {
    const first = await comment(world.manager);
    const reply = await comment(world.executive, { parent_id: first.id });
    expect(reply.row).toMatchObject({
      post_id: post.id,
      parent_id: first.id,
      author_id: await world.idOf('executive'),
      status: 'published',
      version: 1,
    });
    expect(idsOf(await world.viewer.get(path))).toEqual([reply.id, first.id]);
    expect(idsOf(await world.viewer.get(`${path}?parent_id=${first.id}`))).toEqual([reply.id]);
    expect(idsOf(await world.viewer.get(`${path}?parent_id=null`))).toEqual([first.id]);
    expect((await world.viewer.get(`${path}?include=author&sort=created_at`)).body).toMatchObject({
      items: [{ author: { full_name: 'Marcus Bell' } }, { author: { full_name: 'Elena Petrova' } }],
    });
    expect((await world.executive.get(post.path)).body).toMatchObject({ comment_count: 2, version: 1 });
    expect(await world.entriesOf('posts', post.id)).toEqual(['create']);
    expect(await world.entriesOf('comments', reply.id)).toEqual(['create']);
    expect((await world.viewer.post(path, { content: 'x' })).body).toMatchObject({
      status: 403,
      required: 'post_create',
    });
  });

  it('answer a comment of their own post alone, which never changes', async () => {
    const other = await made(world.executive, `${board.path}/posts`, { title: 'Other', content: 'x' });
    const there = await made(world.executive, `/posts/${other.id}/comments`, { content: 'x' });
    for (const parent of [there.id, NOBODY]) {
      const { status, body } = await world.executive.post(path, { content: 'x', parent_id: parent });
      expect([status, body]).toMatchObject([422, { errors: [{ path: 'parent_id', code: 'not_found' }] }]);
    }
    const mine = await comment(world.executive);
    const { status, body } = await world.executive.patch(mine.path, { parent_id: mine.id });
    expect([status, body]).toMatchObject([422, { errors: [{ path: 'parent_id' }] }]);
    expect(await count()).toBe(1);
  });

  it.each([
    [{}, 'content'],
    [{ content: '' }, 'content'],
    [{ content: 'x'.repeat(65_537) }, 'content'],
    [{ content: 'x', post_id: NOBODY }, 'post_id'],
    [{ content: 'x', author_id: NOBODY }, 'author_id'],
    [{ content: 'x', status: 'draft' }, 'status'],
  ])('refuse %j at %s', async (body, at) => {
    const answer = await world.admin.post(path, body);
    expect([answer.status, (answer.body as { errors: { path: string }[] }).errors.map((fault) => fault.path)]).toEqual([
      422,
      [at],
    ]);
  });

  it('are changed and deleted by their author, and by others with the permission of it', async () => {
    const mine = await comment(world.executive);
    expect((await world.manager.patch(mine.path, { content: 'x' })).body).toMatchObject({
      status: 403,
      required: 'post_update',
    });
    expect((await world.manager.delete(mine.path)).body).toMatchObject({ status: 403, required: 'post_delete' });
    expect((await world.executive.patch(mine.path, { content: 'y' })).body).toMatchObject({ content: 'y', version: 2 });
    expect((await world.editor.patch(mine.path, { content: 'z' })).status).toBe(200);
    expect((await world.executive.delete(mine.path)).status).toBe(204);
    expect(await count()).toBe(0);
    expect((await world.admin.post(`${mine.path}/restore`)).status).toBe(200);
    expect(await count()).toBe(1);
  });

  it('that are hidden are their author’s and board_manage’s', async () => {
    const hidden = await comment(world.executive);
    expect((await world.editor.patch(hidden.path, { status: 'hidden' })).status).toBe(403);
    expect((await world.admin.patch(hidden.path, { status: 'hidden' })).status).toBe(200);
    for (const [client, there] of [
      [world.executive, true],
      [world.admin, true],
      [world.manager, false],
      [world.viewer, false],
    ] as const) {
      const list = await client.get(`${path}?with_total=true`);
      expect([idsOf(list), (list.body as { total: number }).total]).toEqual(there ? [[hidden.id], 1] : [[], 0]);
      expect((await client.get(hidden.path)).status).toBe(there ? 200 : 404);
    }
    expect((await world.manager.post(path, { content: 'x', parent_id: hidden.id })).status).toBe(422);
  });

  it('take their replies along and bring back exactly those', async () => {
    const root = await comment(world.manager);
    const reply = await comment(world.executive, { parent_id: root.id });
    const gone = await comment(world.executive, { parent_id: root.id });
    const deep = await comment(world.manager, { parent_id: reply.id });
    await world.executive.delete(gone.path);
    expect(await count()).toBe(3);
    expect((await world.manager.delete(root.path)).status).toBe(204);
    expect(await count()).toBe(0);
    expect(idsOf(await world.admin.get(path))).toEqual([]);
    expect((await world.admin.post(`${deep.path}/restore`)).body).toMatchObject({ status: 409, code: 'conflict' });
    expect((await world.admin.post(`${root.path}/restore`)).status).toBe(200);
    expect(idsOf(await world.admin.get(path)).sort()).toEqual([root.id, reply.id, deep.id].sort());
    expect(await count()).toBe(3);
    expect((await world.admin.delete(`${root.path}?hard=true`)).status).toBe(204);
    expect(await count()).toBe(0);
    expect(await world.at.sql('select from comments where post_id = $1', [post.id])).toEqual([]);
  });

  it('are counted exactly while 50 make and delete them at once', async () => {
    const doomed = await Promise.all(Array.from({ length: 25 }, () => comment(world.executive)));
    await Promise.all([
      ...doomed.map(({ path: one }) => world.executive.delete(one)),
      ...Array.from({ length: 50 }, (_, n) => comment(n % 2 === 0 ? world.manager : world.executive)),
    ]);
    const [living] = await world.at.sql<{ count: number }>(
      'select count(*)::int as count from comments where post_id = $1 and deleted_at is null',
      [post.id],
    );
    expect([await count(), living?.count]).toEqual([50, 50]);
    expect((await world.executive.get(post.path)).body).toMatchObject({ version: 1 });
  });

  it('deleted twice at once are counted once', async () => {
    const mine = await comment(world.executive);
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.executive.delete(mine.path)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 9 }, () => 404)]);
    expect(await count()).toBe(0);
  });

  it('none is left living on a post that is deleted at the same time', async () => {
    await Promise.all([
      ...Array.from({ length: 10 }, () => world.manager.post(path, { content: 'x' })),
      world.executive.delete(post.path),
      ...Array.from({ length: 10 }, () => world.manager.post(path, { content: 'x' })),
    ]);
    const living = await world.at.sql('select from comments where post_id = $1 and deleted_at is null', [post.id]);
    expect(living).toEqual([]);
  });

  it('are not taken where the board allows none', async () => {
    const before = await comment(world.executive);
    await world.admin.patch(board.path, { allow_comments: false });
    expect((await world.admin.post(path, { content: 'x' })).body).toMatchObject({ status: 409, code: 'conflict' });
    expect((await world.viewer.get(before.path)).status).toBe(200);
    expect(await count()).toBe(1);
  });

  it('of another tenant, or of another post, are not there', async () => {
    const mine = await comment(world.executive);
    const other = await made(world.executive, `${board.path}/posts`, { title: 'Other', content: 'x' });
    for (const [client, at] of [
      [world.stranger, mine.path],
      [world.admin, `/posts/${other.id}/comments/${mine.id}`],
      [world.admin, `/posts/${NOBODY}/comments/${mine.id}`],
    ] as const)
      await notThere(client, at, { content: 'stolen' });
    for (const answer of [await world.stranger.get(path), await world.stranger.post(path, { content: 'x' })])
      expect(answer.status).toBe(404);
    expect((await world.executive.get(mine.path)).body).toMatchObject({ content: 'A comment', version: 1 });
    expect(await count()).toBe(1);
  });
});
