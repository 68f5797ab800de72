import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Lead } from '../../support/dist.js';
import { makeWorld, type World } from './world.js';

describe('wall 6: fence and epoch', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world.app.close());

  const raiseEpoch = async () => {
    await world.app.database.sql('update tenancy.fence set epoch = epoch + 1 where organization_id = $1', [
      world.mine.id,
    ]);
    await world.app.database.sql('update core.organizations set epoch = epoch + 1 where id = $1', [world.mine.id]);
  };
  /** Takes the tenant as a mover does, for so long; the answer ends with it. */
  const holdFence = async (ms: number): Promise<{ over: Promise<void> }> => {
    const mover = new pg.Client(world.app.database.urls.superuser);
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

  it('lets a writer wait for a fence that opens soon', async () => {
    const { over } = await holdFence(150);
    const touch = { text: `update crm_leads set source = 'waited' where id = $1 returning id`, values: [world.myLead] };
    expect(await world.asMine(() => world.plane.tenancy.write(touch))).toHaveLength(1);
    await over;
  });

  it('answers a writer 503 tenant_moving after a bounded wait, and readers at once', async () => {
    const admin = await world.app.signIn('admin@testcorp.com');
    const { over } = await holdFence(1_000);
    expect((await admin.get('/crm/leads')).status).toBe(200);
    const refused = await admin.post('/crm/leads', { name: 'Held up' });
    expect(refused).toMatchObject({ status: 503, body: { code: 'tenant_moving' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    await over;
  });

  it('lets nobody write into what a move left behind', async () => {
    await world.app.database.sql(`update tenancy.fence set state = 'moved' where organization_id = $1`, [
      world.mine.id,
    ]);
    const before = await world.app.database.sql(
      'select * from shared.crm_leads where organization_id = $1 order by id',
      [world.mine.id],
    );
    const touch = { text: `update crm_leads set source = 'late'`, values: [] };
    await expect(world.asMine(() => world.plane.tenancy.write(touch))).rejects.toMatchObject({ code: 'TM001' });
    await expect(
      world.asMine(() => world.plane.tenancy.read({ text: 'select from crm_leads', values: [] })),
    ).rejects.toMatchObject({ code: 'TM001' });
    const after = await world.app.database.sql(
      'select * from shared.crm_leads where organization_id = $1 order by id',
      [world.mine.id],
    );
    expect(after).toEqual(before);
  });
});
