import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changedRows } from '../../support/oracles.js';
import { makeWorld, type World } from './world.js';

const RESTORED = /^core\.audit_log /;

describe('a tenant that is restored in its place', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world.app.close());

  it('comes back as it was, byte for byte, when all of it was gone, and its neighbours notice nothing', async () => {
    const { database, mine, restores } = world;
    const file = await world.exported();
    const before = await world.rows();
    const others = await world.others();
    await world.wipe();
    expect([...(await world.rows())]).toEqual([]);
    await restores.restore(file);
    const after = await world.rows();
    // of the restore there is one entry
    expect(changedRows(before, after)).toEqual([expect.stringMatching(RESTORED)]);
    expect(changedRows(others, await world.others())).toEqual([]);
    expect(
      await database.sql('select state, epoch, place from tenancy.fence where organization_id = $1', [mine.id]),
    ).toEqual([{ state: 'active', epoch: 1, place: 'shared' }]);
    const admin = await world.app.signIn('admin@testcorp.com');
    const leads = await admin.get('/crm/leads?limit=1');
    expect(leads.status).toBe(200);
    expect((await admin.get('/boards')).status).toBe(200);
    expect((await admin.post('/crm/leads', { name: 'After' })).status).toBe(201);
  });

  it('comes back as it was when it was deleted softly after changes, with nobody signed in', async () => {
    const { database, mine, restores } = world;
    const before = await world.rows();
    const file = await world.exported();
    const admin = await world.app.signIn('admin@testcorp.com');
    expect((await admin.post('/crm/leads', { name: 'Too late' })).status).toBe(201);
    const body = {
      username: 'late',
      email: 'late@testcorp.com',
      password: 'a password for late',
      role_codes: ['viewer'],
    };
    expect((await admin.post('/users', body)).status).toBe(201);
    await database.sql(`delete from core.user_roles where organization_id = $1 and user_id = $2`, [
      mine.id,
      mine.adminId,
    ]);
    await database.sql(`update core.organizations set deleted_at = now() where id = $1`, [mine.id]);
    const others = await world.others();
    await restores.restore(file);
    const after = await world.rows();
    const changed = changedRows(before, after, /^(?!core\.audit_log )/);
    // its epoch
    expect(changed).toEqual([`core.organizations ${mine.id}`]);
    expect(changedRows(others, await world.others())).toEqual([]);
    expect(await database.sql('select from core.sessions where organization_id = $1', [mine.id])).toEqual([]);
    expect((await admin.get('/boards')).status).toBe(401);
    expect((await (await world.app.signIn('admin@testcorp.com')).get('/boards')).status).toBe(200);
  });

  it('is refused while it is in use, and nothing is written', async () => {
    const file = await world.exported();
    const before = await world.rows();
    await expect(world.restores.restore(file)).rejects.toThrow(/is there and in use: delete it first/);
    expect(changedRows(before, await world.rows())).toEqual([]);
  });

  it.each(['made', 'cleared', 'opened'])('lets nobody in when it ends at %s; the next one ends it', async (end) => {
    const { database, mine, restores, app } = world;
    const file = await world.exported();
    const before = await world.rows();
    await world.wipe();
    const broken = restores.restore(file, {}, (step) => {
      if (step === end) throw new Error('killed');
    });
    await expect(broken).rejects.toThrow('killed');
    expect(
      (await app.anonymous.post('/auth/login', { email: 'admin@testcorp.com', password: 'password123' })).status,
    ).toBe(401);
    const living = await database.sql('select from core.organizations where id = $1 and deleted_at is null', [mine.id]);
    expect(living).toEqual([]);
    await restores.restore(file);
    expect(changedRows(before, await world.rows(), /^(?!core\.(audit_log|organizations) )/)).toEqual([]);
    await app.signIn('admin@testcorp.com');
  });

  it('does not bring people back who were purged', async () => {
    const { database, mine, restores } = world;
    const file = await world.exported();
    const [viewer] = await database.sql<{ id: string }>(
      `select id from core.users where organization_id = $1 and username = 'viewer'`,
      [mine.id],
    );
    await world.wipe();
    await database.sql(
      `insert into core.tombstones (id, kind, organization_id, code) values ($1, 'user', $2, 'viewer')`,
      [viewer?.id, mine.id],
    );
    await restores.restore(file);
    for (const table of ['users', 'user_tenant_associations', 'user_roles'])
      expect(
        await database.sql(`select from core.${table} where ${table === 'users' ? 'id' : 'user_id'} = $1`, [
          viewer?.id,
        ]),
      ).toEqual([]);
    await database.sql('delete from core.tombstones where id = $1', [viewer?.id]);
  });
});
