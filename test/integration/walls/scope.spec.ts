import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Lead, tenancy } from '../../support/dist.js';
import { ISOLATIONS } from '../../support/places.js';
import { makeWorlds, STARTS_MS, type World, type Worlds } from './world.js';

let worlds: Worlds;
beforeAll(async () => {
  worlds = await makeWorlds();
}, STARTS_MS);
afterAll(() => worlds.close());

describe.each(ISOLATIONS)('wall 1, in %s: the scope', (isolation) => {
  let world: World;
  beforeAll(() => {
    world = worlds[isolation];
  });

  it('gives no EntityManager outside of a scope', () => {
    expect(() => world.em.find(Lead, {})).toThrow('no tenancy scope is open');
  });

  it('gives none in a scope without a tenant', async () => {
    await tenancy.runInScope(tenancy.emptyScope(), async () => {
      await Promise.resolve();
      expect(() => world.em.find(Lead, {})).toThrow('no tenant');
    });
  });

  it('is never pointed at a second tenant', async () => {
    await world.asMine(async () => {
      await Promise.resolve();
      const scope = tenancy.currentScope();
      expect(() => {
        tenancy.fillScope(scope, scope.actor, world.theirs.placement);
      }).toThrow('second tenant');
    });
  });

  it('refuses an organization that is not', async () => {
    await expect(
      world.plane.tenancy.run('00000000-0000-7000-8000-00000000dead', () => Promise.resolve()),
    ).rejects.toMatchObject({ status: 404 });
  });

  it('keeps two tenants apart when one runs inside the other', async () => {
    await world.inUnit(async () => {
      const outer = await world.em.find(Lead, {});
      const inner = await world.plane.tenancy.run(world.theirs.id, () => world.em.find(Lead, {}));
      expect(new Set(outer.map((lead) => lead.organizationId))).toEqual(new Set([world.mine.id]));
      expect(new Set(inner.map((lead) => lead.organizationId))).toEqual(new Set([world.theirs.id]));
    });
  });
});
