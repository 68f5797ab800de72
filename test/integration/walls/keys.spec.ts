import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeWorld, type World } from './world.js';

const NEW_ID = 'gen_random_uuid()';
const ZERO = '00000000-0000-0000-0000-000000000000';

describe('wall 3: keys, which policies do not stand in for', () => {
  let world: World;
  let theirUser: string;
  let theirRole: string;
  let viewer: string;
  beforeAll(async () => {
    world = await makeWorld();
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
  afterAll(() => world.app.close());

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
