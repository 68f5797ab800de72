import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tenantOf } from '../../support/tenants.js';
import { makeWorld, type Place, type World } from './world.js';
import { faultsOf, NOTHING, traffic } from './writers.js';

describe('a tenant with four writers and a reader', () => {
  let world: World;
  let places: Record<'shared' | 'schema' | 'database', Place>;
  beforeAll(async () => {
    world = await makeWorld(3_000);
    places = { shared: world.shared, schema: await world.newSchema(), database: await world.newDatabase() };
  });
  afterAll(() => world.close());

  const leadsAt = async ({ database, schema }: Place): Promise<number> => {
    const [row] = await database.sql<{ count: number }>(
      `select count(*)::int as count from ${schema}.crm_leads where organization_id = $1`,
      [world.mine.id],
    );
    return row?.count ?? 0;
  };

  it.each([
    ['shared', 'schema'],
    ['schema', 'database'],
    ['database', 'shared'],
    ['shared', 'database'],
    ['database', 'schema'],
    ['schema', 'shared'],
  ] as const)('moves from %s to %s: nothing is lost, doubled or different, no reader refused', async (from, to) => {
    const neighbour = await tenantOf(world.app.database, 'globex');
    const theirs = await world.sums(world.shared, neighbour.id);
    const before = await leadsAt(places[from]);
    const used = await traffic(world);
    await sleep(100);
    const move = await world.move(places[to]);
    await sleep(100);
    const report = await used.stop();
    expect(move).toMatchObject({ status: 'done', error: null });
    expect(move.pauseMs).toBeLessThan(10_000);
    expect(await faultsOf(world, places[to], before, report)).toEqual(NOTHING);
    expect(report.writes).toBeGreaterThan(20);
    expect(report.reads).toBeGreaterThan(20);
    expect(await world.traces(places[from])).toEqual([]);
    expect(await world.sums(world.shared, neighbour.id)).toEqual(theirs);
  });
});
