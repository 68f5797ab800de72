import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Lead } from '../../support/dist.js';
import { ISOLATIONS } from '../../support/places.js';
import { makeWorlds, STARTS_MS, type World, type Worlds } from './world.js';

let worlds: Worlds;
beforeAll(async () => {
  worlds = await makeWorlds();
}, STARTS_MS);
afterAll(() => worlds.close());

describe.each(ISOLATIONS)('wall 6, in %s: fence and epoch', (isolation) => {
  let world: World;
  beforeAll(() => {
    world = worlds[isolation];
  });

  const raiseEpoch = async () => {
    await world.at.sql('update tenancy.fence set epoch = epoch + 1 where organization_id = $1', [world.mine.id]);
    await world.app.database.sql('update core.organizations set epoch = epoch + 1 where id = $1', [world.mine.id]);
  };
  /** Takes the tenant as a mover does, for so long; the answer ends with it. */
  const holdFence = async (ms: number): Promise<{ over: Promise<void> }> => {
    const mover = new pg.Client(world.url('superuser'));
    await mover.connect();
    await mover.query('begin');
    await mover.query(`select pg_advisory_xact_lock(hashtextextended('tenant:' || $1, 0))`, [world.mine.id]);
    return { over: sleep(ms).then(() => mover.end()) };
  };

  it('follows a tenant that has moved: a stale placement is read again once', async () => {
    await world
      .asMine(async () => {
        await raiseEpoch();
        expect((await world.em.find(Lead, {})).length).toBeGreaterThan(0);
      })
      .catch((error: unknown) => {
        // the EntityManager is bound to the placement that it was forked for; a unit of work reads it anew
        expect(error).toMatchObject({ code: 'TM001' });
      });
    await world.asMine(async () => {
      await raiseEpoch();
      const names = await world.plane.tenancy.read({ text: 'select name from crm_leads', values: [] });
      expect(names.length).toBeGreaterThan(0);
      await raiseEpoch();
      expect(await world.plane.tenancy.transaction(() => world.em.count(Lead))).toBe(names.length);
    });
  });

  it('refuses a stale epoch, and gives no setting without passing it', async () => {
    const app = new pg.Client(world.url('app'));
    await app.connect();
    const [fence] = await world.at.sql<{ epoch: number }>(
      'select epoch from tenancy.fence where organization_id = $1',
      [world.mine.id],
    );
    const epoch = fence?.epoch ?? 0;
    for (const enter of ['enter', 'enter_read'])
      for (const wrong of [epoch - 1, epoch + 1, null])
        await expect(app.query(`select tenancy.${enter}($1, $2, null)`, [world.mine.id, wrong])).rejects.toMatchObject({
          code: 'TM001',
        });
    const { rows } = await app.query<{ organization: string | null }>(
      `select nullif(current_setting('app.organization_id', true), '') as organization`,
    );
    expect(rows).toEqual([{ organization: null }]);
    await app.end();
  });

  it('lets nobody in whose tenant does not stand there, though rows of his are', async () => {
    const { theirs, mine, plane } = world;
    // a database has a fence for those alone who stand in it; else the epoch tells
    const epoch = isolation === 'database' ? theirs.placement.epoch : theirs.placement.epoch + 1;
    const lost = { ...mine.placement, organizationId: theirs.id, epoch };
    await plane.tenancy.runAt(lost, () =>
      plane.tenancy.write({ text: `update crm_leads set source = 'found'`, values: [] }),
    );
    const found = (sql: typeof world.at.sql) =>
      sql('select from crm_leads where organization_id = $1 and source = $2', [theirs.id, 'found']);
    expect((await found(world.app.database.at(theirs.id).sql)).length).toBeGreaterThan(0);
    if (isolation !== 'shared') expect(await found(world.at.sql)).toEqual([]);
  });

  it('lets a writer wait for a fence that opens soon', async () => {
    const { over } = await holdFence(150);
    const touch = { text: `update crm_leads set source = 'waited' where id = $1 returning id`, values: [world.myLead] };
    expect(await world.asMine(() => world.plane.tenancy.write(touch))).toHaveLength(1);
    await over;
  });

  it('answers a writer 503 tenant_moving after a bounded wait, and readers at once', async () => {
    const admin = await world.app.signIn(world.adminEmail);
    const { over } = await holdFence(1_000);
    expect((await admin.get('/crm/leads')).status).toBe(200);
    const refused = await admin.post('/crm/leads', { name: 'Held up' });
    expect(refused).toMatchObject({ status: 503, body: { code: 'tenant_moving' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    await over;
  });

  it.each([
    ['what a move left behind', 'moved'],
    ['where a move has not arrived', 'incoming'],
  ])('lets nobody write into %s', async (_, state) => {
    await world.at.sql(`update tenancy.fence set state = $2 where organization_id = $1`, [world.mine.id, state]);
    const mine = 'select * from crm_leads where organization_id = $1 order by id';
    const before = await world.at.sql(mine, [world.mine.id]);
    const touch = { text: `update crm_leads set source = 'late'`, values: [] };
    await expect(world.asMine(() => world.plane.tenancy.write(touch))).rejects.toMatchObject({ code: 'TM001' });
    await expect(
      world.asMine(() => world.plane.tenancy.read({ text: 'select from crm_leads', values: [] })),
    ).rejects.toMatchObject({ code: 'TM001' });
    expect(await world.at.sql(mine, [world.mine.id])).toEqual(before);
  });
});
