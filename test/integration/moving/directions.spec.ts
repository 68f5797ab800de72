import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tenantOf } from '../../support/tenants.js';
import { makeWorld, type Place, type World } from './world.js';

describe('a tenant that nobody uses', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world.close());

  it('goes to an own schema, to an own database, back and forth, with every row as it was', async () => {
    const { shared, mine, app } = world;
    const schema = await world.newSchema();
    const database = await world.newDatabase();
    const neighbour = await tenantOf(app.database, 'globex');
    const theirs = await world.sums(shared, neighbour.id);
    const before = await world.sums(shared);
    let epoch = mine.placement.epoch;
    let from: Place = shared;
    for (const to of [schema, shared, database, schema, database, shared]) {
      const move = await world.move(to);
      expect(move).toMatchObject({ status: 'done', error: null, fenceTries: 1 });
      expect(move.rowsCopied).toBe(move.rowsTotal);
      expect(await world.sums(to)).toEqual(before);
      expect(await world.traces(from)).toEqual([]);
      expect(await world.traces(to)).toEqual([]);
      const [organization] = await app.database.sql('select location_id, epoch from core.organizations where id = $1', [
        mine.id,
      ]);
      expect(organization).toEqual({ location_id: to.id, epoch: ++epoch });
      expect(await to.database.sql('select * from tenancy.fence where organization_id = $1', [mine.id])).toEqual([
        { organization_id: mine.id, epoch, state: 'active', place: to.schema },
      ]);
      from = to;
    }
    expect(await world.sums(shared, neighbour.id)).toEqual(theirs);
  });
});
