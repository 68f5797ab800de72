import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailsTo } from '../../support/mail.js';
import { changedRows } from '../../support/oracles.js';
import { makeWorld, type World } from './world.js';

const FIRST_IDS = `select id::text from core.users where organization_id = $1
  union all select id::text from core.roles where organization_id = $1
  union all select id::text from core.user_groups where organization_id = $1
  union all select id::text from core.menus where organization_id = $1
  union all select $1::text`;
const TABLES = `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
  where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = $1`;

const OF_IT = [
  ...[
    'users',
    'roles',
    'user_groups',
    'menus',
    'user_tenant_associations',
    'user_roles',
    'user_group_members',
    'menu_groups',
  ],
  ...['role_permissions', 'user_permissions', 'user_modules', 'subscriptions', 'module_trials'],
];

describe.each(['schema', 'database'])('a tenant that is restored beside the first, in isolation %s', (isolation) => {
  let world: World;
  let second: string;
  let file: string;
  const code = `second-${isolation}`;
  beforeAll(async () => {
    world = await makeWorld();
    file = await world.exported();
  });
  afterAll(() => world.app.close());

  it('is whole, and changes nothing of the first and of others', async () => {
    const before = await world.rows();
    const others = await world.others();
    const asked = { as: code, name: 'The second', adminEmail: 'boss@second.com', isolation };
    second = (await world.restores.restore(file, asked)).id;
    expect(changedRows(before, await world.rows())).toEqual([]);
    const now = await world.others();
    expect(
      changedRows(others, now).filter((key) => others.has(key) && !/^(core|shared)\.\w+ [0-9a-f]{32}$/.test(key)),
    ).toEqual([]);
    for (const table of OF_IT)
      expect({ table, count: await count(`core.${table}`, second) }).toEqual({
        table,
        count: await count(`core.${table}`, world.mine.id),
      });
  });

  const count = async (table: string, id: string): Promise<unknown> =>
    (await world.database.sql<{ count: string }>(`select count(*) from ${table} where organization_id = $1`, [id]))[0]
      ?.count;

  it('has no id of a person, role, group or menu of the first, no way in of its, and no mail', async () => {
    const ids = new Set((await world.database.sql<{ id: string }>(FIRST_IDS, [world.mine.id])).map(({ id }) => id));
    const at = world.database.at(second).sql;
    const [here] = await at<{ schema: string }>('select current_schema() as schema');
    for (const [sql, schema] of [
      [world.database.sql, 'core'],
      [at, here?.schema ?? ''],
    ] as const)
      for (const { name } of await sql<{ name: string }>(TABLES, [schema])) {
        const rows = await sql<{ text: string }>(`select t::text as text from ${name} t where organization_id = $1`, [
          second,
        ]);
        const found = rows.flatMap(({ text }) => text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? []);
        expect({ name, strange: found.filter((id) => ids.has(id)) }).toEqual({ name, strange: [] });
      }
    expect(await count('core.sessions', second)).toBe('0');
    expect(await count('core.one_time_tokens', second)).toBe('0');
    expect(await mailsTo(world.app.app, 'boss@second.com')).toEqual([]);
    expect(await mailsTo(world.app.app, 'new@testcorp.com')).toEqual([]);
  });

  it('lets its people in by their passwords, to its rows alone', async () => {
    const admin = await world.app.anonymous.with({ 'x-tenant': code }).signIn('admin@testcorp.com');
    const { status, body } = await admin.get('/crm/leads?limit=1');
    expect(status).toBe(200);
    const [lead] = (body as { items: { id: string; name: string }[] }).items;
    const [own] = await world.database
      .at(second)
      .sql<{ organization_id: string }>(
        'select organization_id from crm_leads where id = $1 and organization_id = $2',
        [lead?.id, second],
      );
    expect(own?.organization_id).toBe(second);
    expect((await admin.patch(`/crm/leads/${lead?.id ?? ''}`, { name: 'Of the second' })).status).toBe(200);
    expect(
      await world.database.sql(`select from shared.crm_leads where organization_id = $1 and name = 'Of the second'`, [
        world.mine.id,
      ]),
    ).toEqual([]);
    for (const path of ['/boards', '/menus', '/users', '/user-groups', '/roles'])
      expect({ path, status: (await admin.get(path)).status }).toEqual({ path, status: 200 });
  });

  it('is refused when its code is taken', async () => {
    await expect(world.restores.restore(file, { as: code, adminEmail: 'boss@second.com' })).rejects.toThrow(/is taken/);
  });

  it('is begun anew, at the same place, when it has ended halfway', async () => {
    const asked = { as: `third-${isolation}`, adminEmail: 'boss@third.com', isolation };
    const places = async () => (await world.database.sql('select from core.locations')).length;
    const end = (step: string) => {
      if (step === 'filled') throw new Error('killed');
    };
    await expect(world.restores.restore(file, asked, end)).rejects.toThrow('killed');
    const between = await places();
    await world.restores.restore(file, asked);
    expect(await places()).toBe(between);
    await world.app.anonymous.with({ 'x-tenant': asked.as }).signIn('admin@testcorp.com');
  });
});
