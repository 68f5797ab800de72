import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { planeOf } from '../support/plane.js';
import { boards } from '../support/dist.js';
import { type BoardsWorld, boardsWorld, idsOf, made } from './boards-world.js';

describe('boards among the other features', () => {
  let world: BoardsWorld;
  beforeAll(async () => {
    world = await boardsWorld();
  }, 60_000);
  afterAll(() => world.close());

  it('are listed below their tenant as by themselves', async () => {
    const hidden = await world.board({ read_group_ids: [await world.group('few')] });
    const own = `/tenants/${world.mine.id}/boards?limit=500`;
    expect((await world.viewer.get(own)).body).toEqual((await world.viewer.get('/boards?limit=500')).body);
    expect(idsOf(await world.viewer.get(own))).not.toContain(hidden.id);
    expect(idsOf(await world.admin.get(own))).toContain(hidden.id);
    expect((await world.stranger.get(own)).status).toBe(404);
    const platform = await world.app.signIn('superadmin@example.com');
    expect(idsOf(await platform.get(own))).toContain(hidden.id);
  });

  it('keep a group that one of them names from being deleted', async () => {
    const group = await made(world.admin, '/user-groups', { group_code: 'kept', group_name: 'Kept' });
    const board = await world.board({ write_group_ids: [group.id] });
    expect((await world.admin.delete(group.path)).body).toMatchObject({ status: 409, code: 'in_use' });
    expect((await world.admin.delete(`${group.path}?hard=true`)).body).toMatchObject({ status: 409, code: 'in_use' });
    // one that may be restored names it still
    expect((await world.admin.delete(board.path)).status).toBe(204);
    expect((await world.admin.delete(group.path)).body).toMatchObject({ status: 409, code: 'in_use' });
    expect((await world.admin.post(`${board.path}/restore`)).body).toMatchObject({ write_group_ids: [group.id] });
    expect((await world.admin.patch(board.path, { write_group_ids: null })).body).toMatchObject({
      write_group_ids: [],
    });
    expect((await world.admin.delete(group.path)).status).toBe(204);
    expect((await world.admin.patch(board.path, { read_group_ids: [group.id] })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'read_group_ids.0', code: 'not_found' }],
    });
  });

  it('of what is made with a tenant are the board notice, made once', async () => {
    const { tenancy } = planeOf(world.app.app);
    const [acme] = await world.app.database.sql<{ id: string }>(
      `select id from core.organizations where tenant_code = 'acme'`,
    );
    const id = acme?.id ?? '';
    const found = () =>
      world.app.database.everywhere<{ id: string }>(
        `select b.id, b.board_name, (select count(*)::int from audit_log a where a.resource_id = b.id and a.action = 'create') as entries
         from boards b where b.organization_id = $1 and b.board_code = 'notice' and b.deleted_at is null`,
        [id],
      );
    await world.app.database.everywhere(
      `update boards set deleted_at = now() where organization_id = $1 and board_code = 'notice'`,
      [id],
    );
    const defaults = world.app.app.get(boards.BoardDefaults, { strict: false });
    for (let n = 0; n < 2; n++) await tenancy.run(id, () => defaults.make());
    expect(await found()).toEqual([{ id: expect.any(String), board_name: 'Notice board', entries: 1 }]);
  });

  it('of the demonstration have the counts of their comments', async () => {
    const [counts] = await world.at.sql<{ posts: number; wrong: number }>(
      `select count(*)::int as posts, count(*) filter (where comment_count <> (select count(*) from comments c
         where c.organization_id = p.organization_id and c.post_id = p.id and c.deleted_at is null))::int as wrong from posts p`,
    );
    expect(counts?.posts).toBeGreaterThan(0);
    expect(counts?.wrong).toBe(0);
    expect(idsOf(await world.viewer.get('/boards?board_code=notice')).length).toBe(1);
  });

  it('take posts of a platform user, who has no name here', async () => {
    const platform = (await world.app.signIn('superadmin@example.com')).with({ 'x-tenant': 'testcorp' });
    const board = await world.board({ write_group_ids: [await world.group('nobody')] });
    const post = await made(platform, `${board.path}/posts`, { title: 'From the platform', content: 'x' });
    const [user] = await world.app.database.sql<{ id: string }>(
      `select id from core.users where email = 'superadmin@example.com'`,
    );
    expect((await world.viewer.get(`${post.path}?include=author`)).body).toMatchObject({
      author_id: user?.id,
      author: null,
    });
    expect((await platform.patch(post.path, { is_pinned: true })).status).toBe(200);
  });

  it('keep what somebody wrote when he is removed for good', async () => {
    const user = await made(world.admin, '/users', {
      username: 'leaver',
      email: 'leaver@testcorp.com',
      full_name: 'Lea Ver',
      password: 'secure_password_123',
      role_codes: ['user'],
    });
    const leaver = await world.app.anonymous.signIn('leaver@testcorp.com', 'secure_password_123');
    const board = await world.board();
    const post = await made(leaver, `${board.path}/posts`, { title: 'Last words', content: 'x' });
    expect((await world.viewer.get(`${post.path}?include=author`)).body).toMatchObject({
      author: { full_name: 'Lea Ver' },
    });
    expect((await world.admin.delete(`${user.path}?hard=true`)).status).toBe(204);
    expect((await world.viewer.get(`${post.path}?include=author`)).body).toMatchObject({
      author_id: user.id,
      author: null,
      title: 'Last words',
    });
  });

  it('make what is posted twice with one key once', async () => {
    const board = await world.board();
    const post = await made(world.admin, `${board.path}/posts`, { title: 'x', content: 'x' });
    const send = () => world.admin.post(`/posts/${post.id}/comments`, { content: 'x' }, { 'idempotency-key': 'one' });
    const [first, again] = [await send(), await send()];
    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
    expect(again.body).toEqual(first.body);
    expect(first.headers.get('location')).toBe(
      `/api/v1/posts/${post.id}/comments/${(first.body as { id: string }).id}`,
    );
    expect((await world.admin.get(post.path)).body).toMatchObject({ comment_count: 1 });
  });

  it('never leave a living post in a category that is deleted at the same time', async () => {
    const board = await world.board();
    for (let round = 0; round < 5; round++) {
      const category = await made(world.admin, `${board.path}/categories`, {
        category_code: `c${String(round)}`,
        category_name: 'C',
      });
      const [deleted, ...posted] = await Promise.all([
        world.admin.delete(category.path),
        ...Array.from({ length: 4 }, () =>
          world.admin.post(`${board.path}/posts`, { title: 'x', content: 'x', category_id: category.id }),
        ),
      ]);
      expect([204, 409]).toContain(deleted.status);
      for (const { status } of posted) expect(deleted.status === 204 ? [201, 422] : [201]).toContain(status);
    }
    const stranded = await world.at.sql(
      `select from posts p join board_categories c on c.organization_id = p.organization_id and c.id = p.category_id
       where p.board_id = $1 and p.deleted_at is null and c.deleted_at is not null`,
      [board.id],
    );
    expect(stranded).toEqual([]);
  });

  it('never leave a living post on a board that is deleted at the same time', async () => {
    const board = await world.board();
    const posts = Array.from({ length: 8 }, () =>
      world.admin.post(`${board.path}/posts`, { title: 'x', content: 'x' }),
    );
    const [deleted] = await Promise.all([world.admin.delete(board.path), ...posts]);
    expect(deleted.status).toBe(204);
    expect(await world.at.sql('select from posts where board_id = $1 and deleted_at is null', [board.id])).toEqual([]);
  });
});

describe('the keys of boards', () => {
  let world: BoardsWorld;
  beforeAll(async () => {
    world = await boardsWorld();
  }, 60_000);
  afterAll(() => world.close());

  it('let no row of one tenant, board or post point into another', async () => {
    const [one, other] = [await world.board(), await world.board()];
    const category = await made(world.admin, `${other.path}/categories`, { category_code: 'c', category_name: 'C' });
    const [here, there] = [
      await made(world.admin, `${one.path}/posts`, { title: 'x', content: 'x' }),
      await made(world.admin, `${other.path}/posts`, { title: 'x', content: 'x' }),
    ];
    const comment = await made(world.admin, `/posts/${there.id}/comments`, { content: 'x' });
    const { sql } = world.at;
    const broken = [
      sql('update posts set category_id = $2 where id = $1', [here.id, category.id]),
      sql('update posts set board_id = $2, category_id = $3 where id = $1', [here.id, one.id, category.id]),
      sql(
        `insert into comments (organization_id, id, post_id, parent_id, content) select organization_id, uuidv7(), $1, $2, 'x' from posts where id = $1`,
        [here.id, comment.id],
      ),
      sql(`insert into posts (organization_id, id, board_id, title, content) values ($1, uuidv7(), $2, 'x', 'x')`, [
        world.theirs.id,
        one.id,
      ]),
      sql(
        `insert into board_groups (organization_id, id, board_id, group_id, access) values ($1, uuidv7(), $2, $2, 'read')`,
        [world.theirs.id, one.id],
      ),
    ];
    const answers = await Promise.allSettled(broken);
    expect(
      answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as { code: string }).code : 'taken')),
    ).toEqual(Array.from({ length: 5 }, () => '23503'));
  });
});
