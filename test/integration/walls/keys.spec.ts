import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ISOLATIONS } from '../../support/places.js';
import { makeWorlds, STARTS_MS, type World, type Worlds } from './world.js';

const NEW_ID = 'gen_random_uuid()';
const ZERO = '00000000-0000-0000-0000-000000000000';

let worlds: Worlds;
beforeAll(async () => {
  worlds = await makeWorlds();
}, STARTS_MS);
afterAll(() => worlds.close());

describe('wall 3, in core: keys, which policies do not stand in for', () => {
  let world: World;
  let theirUser: string;
  let theirRole: string;
  let viewer: string;
  beforeAll(async () => {
    world = worlds.shared;
    const { sql } = world.app.database;
    theirUser = world.theirs.adminId;
    [theirRole] = (
      await sql<{ id: string }>(
        `insert into core.roles (id, organization_id, role_code, role_name) values (${NEW_ID}, $1, 'theirs', 'Theirs') returning id`,
        [world.theirs.id],
      )
    ).map(({ id }) => id) as [string];
    [viewer] = (
      await sql<{ id: string }>(`select id from core.roles where role_code = 'viewer' and organization_id is null`)
    ).map(({ id }) => id) as [string];
    // policies are asked by nobody here: what is left are the keys
    for (const table of ['user_roles', 'roles', 'users', 'user_tenant_associations', 'user_modules']) {
      await sql(`alter table core.${table} no force row level security, disable row level security`);
    }
  });

  const give = (user: string, scope: string, role: string) =>
    world.asMine(() =>
      world.plane.core.query({
        text: `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id) values (${NEW_ID}, $1, $2, $3, $4)`,
        values: [world.mine.id, user, scope, role],
      }),
    );

  it('refuse a role of another tenant, under its own scope and under mine', async () => {
    await expect(give(world.mine.adminId, world.theirs.id, theirRole)).rejects.toMatchObject({ code: '23514' });
    await expect(give(world.mine.adminId, world.mine.id, theirRole)).rejects.toMatchObject({ code: '23503' });
    await expect(give(world.mine.adminId, ZERO, theirRole)).rejects.toMatchObject({ code: '23503' });
  });

  it('refuse a stranger as a member of my tenant', async () => {
    await expect(give(theirUser, ZERO, viewer)).rejects.toMatchObject({ code: '23503' });
    const assign = {
      text: `insert into core.user_modules (id, organization_id, user_id, module) values (${NEW_ID}, $1, $2, 'crm')`,
      values: [world.mine.id, theirUser],
    };
    await expect(world.asMine(() => world.plane.core.query(assign))).rejects.toMatchObject({ code: '23503' });
    const report = {
      text: 'update core.user_tenant_associations set reports_to_id = $2 where organization_id = $1',
      values: [world.mine.id, theirUser],
    };
    await expect(world.asMine(() => world.plane.core.query(report))).rejects.toMatchObject({ code: '23503' });
  });

  it('let two tenants use the same code, and one tenant each code once', async () => {
    const role = (code: string) => ({
      text: `insert into core.roles (id, organization_id, role_code, role_name) values (${NEW_ID}, $1, $2, 'Mine')`,
      values: [world.mine.id, code],
    });
    await world.asMine(() => world.plane.core.query(role('theirs')));
    await expect(world.asMine(() => world.plane.core.query(role('THEIRS')))).rejects.toMatchObject({ code: '23505' });
  });

  it('keep super_admin to platform users', async () => {
    const [role] = await world.app.database.sql<{ id: string }>(
      `select id from core.roles where role_code = 'super_admin'`,
    );
    await expect(give(world.mine.adminId, ZERO, role?.id ?? '')).rejects.toMatchObject({
      constraint: 'user_roles_platform_check',
    });
  });

  it('refuse a superior who would report to himself in the end', async () => {
    const { sql } = world.app.database;
    const person = async (name: string) =>
      (
        await sql<{ id: string }>('select id from core.users where organization_id = $1 and username = $2', [
          world.mine.id,
          name,
        ])
      )[0]?.id;
    const [manager, executive] = [await person('manager'), await person('executive')];
    const cycle = {
      text: 'update core.user_tenant_associations set reports_to_id = $3 where organization_id = $1 and user_id = $2',
      values: [world.mine.id, manager, executive],
    };
    await expect(world.asMine(() => world.plane.core.query(cycle))).rejects.toMatchObject({
      constraint: 'user_tenant_associations_no_cycle_check',
    });
  });
});

describe.each(ISOLATIONS)('wall 3, in %s: keys, which policies do not stand in for', (isolation) => {
  let world: World;
  beforeAll(async () => {
    world = worlds[isolation];
    for (const table of ['boards', 'board_categories', 'board_groups', 'posts', 'comments'])
      await world.at.sql(`alter table ${table} no force row level security, disable row level security`);
  });

  const write = (text: string, ...values: unknown[]) =>
    world.asMine(() => world.plane.tenancy.write({ text, values: [world.mine.id, ...values] }));
  const POST = `insert into posts (organization_id, id, board_id, category_id, title, content) values ($1, ${NEW_ID}, $2, $3, 'Mine', 'Mine')`;
  const one = async (table: string, of: string): Promise<string> => {
    const [row] = await world.at.sql<{ id: string }>(`select id from ${table} where organization_id = $1 limit 1`, [
      of,
    ]);
    return row?.id ?? '';
  };

  it('refuse a row of mine that stands on one of the other tenant', async () => {
    const violated = { code: '23503' };
    await expect(write(POST, world.theirBoard, null)).rejects.toMatchObject(violated);
    const category = `insert into board_categories (organization_id, id, board_id, category_code, category_name) values ($1, ${NEW_ID}, $2, 'mine', 'Mine')`;
    await expect(write(category, world.theirBoard)).rejects.toMatchObject(violated);
    const group = `insert into board_groups (organization_id, id, board_id, group_id, access) values ($1, ${NEW_ID}, $2, ${NEW_ID}, 'read')`;
    await expect(write(group, world.theirBoard)).rejects.toMatchObject(violated);
    const comment = `insert into comments (organization_id, id, post_id, content) values ($1, ${NEW_ID}, $2, 'Mine')`;
    await expect(write(comment, world.theirPost)).rejects.toMatchObject(violated);
    const mine = await one('posts', world.mine.id);
    const move = 'update posts set board_id = $2 where organization_id = $1 and id = $3';
    await expect(write(move, world.theirBoard, mine)).rejects.toMatchObject(violated);
    // of one's own they stand
    await write(POST, await one('boards', world.mine.id), null);
    await write(comment, mine);
  });

  it('let two tenants use the same id and the same code, and one tenant each once', async () => {
    const board = `insert into boards (organization_id, id, board_code, board_name) values ($1, $2, $3, 'Mine')`;
    const [theirs] = await world.at.sql<{ code: string }>(
      `update boards set board_code = 'theirs' where organization_id = $1 and id = $2 returning board_code as code`,
      [world.theirs.id, world.theirBoard],
    );
    expect(theirs?.code).toBe('theirs');
    await write(board, world.theirBoard, 'theirs');
    const taken = { code: '23505' };
    await expect(write(board, world.theirBoard, 'other')).rejects.toMatchObject(taken);
    await expect(write(board, world.theirPost, 'THEIRS')).rejects.toMatchObject(taken);
    expect(await one('boards', world.theirs.id)).not.toBe('');
  });
});
