import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tenantOf } from '../../support/tenants.js';
import { makeWorld, until, type World } from './world.js';

describe('two workers', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld(undefined, { JOBS_CONCURRENCY: '2' });
  });
  afterAll(() => world.app.close());

  it('do not keep a tenant’s one job waiting behind 200 of another', async () => {
    const kind = world.newKind();
    const done: string[] = [];
    let most = 0;
    let running = 0;
    world.jobs.handle(kind, async (_, { organizationId }) => {
      if (organizationId === world.mine.id) most = Math.max(most, ++running);
      await sleep(5);
      if (organizationId === world.mine.id) running--;
      done.push(organizationId);
    });
    await Promise.all(Array.from({ length: 200 }, (_, n) => world.send(world.mine, kind, { n })));
    await world.send(world.theirs, kind, {});
    const before = done.length;
    expect(before).toBeLessThan(150);
    await until(() => done.length === 201, 30_000);
    // those that were running when it was sent, and the one whose turn it was
    expect(done.indexOf(world.theirs.id) - before).toBeLessThanOrEqual(4);
    expect(most).toBe(1);
  });

  it('go round, where more tenants have a backlog than there are workers', async () => {
    const kind = world.newKind();
    const third = await tenantOf(world.app.database, 'acme');
    const done: string[] = [];
    world.jobs.handle(kind, async (_, { organizationId }) => {
      await sleep(5);
      done.push(organizationId);
    });
    for (const tenant of [world.mine, world.theirs])
      await Promise.all(Array.from({ length: 40 }, (_, n) => world.send(tenant, kind, { n }, { startAfter: 1 })));
    await Promise.all(Array.from({ length: 3 }, () => world.send(third, kind, {}, { startAfter: 1 })));
    await until(() => done.length === 83, 30_000);
    expect(done.lastIndexOf(third.id)).toBeLessThan(20);
  });

  it('leave one of them to others while a tenant’s job is long, and do other kinds in turn', async () => {
    const [long, short] = [world.newKind(), world.newKind()];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    world.jobs.handle(long, () => held);
    world.jobs.handle(short, () => Promise.resolve());
    const ids = await Promise.all([1, 2].map(() => world.send(world.mine, long, {})));
    await world.ended(await world.send(world.theirs, short, {}));
    const states = await Promise.all(ids.map(async (id) => (await world.stored(id)).state));
    expect(states.sort()).toEqual(['active', 'created']);
    release();
    await Promise.all(ids.map(world.ended));
  });
});
