import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tenantOf } from '../../support/tenants.js';
import { type Places, placesOf } from './fates.js';
import { makeWorld, type Place, type World } from './world.js';
import { faultsOf, NOTHING, traffic } from './writers.js';

/** Tables that the traffic leaves rows in. */
const WRITTEN = ['audit_log', 'crm_leads', 'outbox'];
/** Writes before a move, and after it. */
const SOME = 20;

describe('a tenant with four writers and a reader', () => {
  let world: World;
  let places: Places;
  beforeAll(async () => {
    world = await makeWorld(1_000);
    places = await placesOf(world);
  });
  afterAll(() => world.close());

  /** Everything that nobody writes meanwhile: other tables, and the leads that were there before. */
  const still = async (place: Place): Promise<unknown[]> => {
    const sums = Object.entries(await world.sums(place)).filter(([table]) => !WRITTEN.includes(table));
    const leads = await place.database.sql(
      `select count(*), md5(string_agg(l::text, '|' order by id)) from ${place.schema}.crm_leads l where organization_id = $1 and name like 'Lead %'`,
      [world.mine.id],
    );
    return [...sums, ...leads];
  };
  const whereabouts = async ({ database }: Place) => {
    const { sql } = world.app.database;
    const [core] = await sql('select location_id as id, epoch from core.organizations where id = $1', [world.mine.id]);
    const fences = await database.sql('select epoch, state, place from tenancy.fence where organization_id = $1', [
      world.mine.id,
    ]);
    return { core, fences };
  };

  it.each([
    ['shared', 'schema'],
    ['schema', 'database'],
    ['database', 'shared'],
    ['shared', 'database'],
    ['database', 'schema'],
    ['schema', 'shared'],
  ] as const)('moves from %s to %s: nothing is lost, doubled or different, no reader refused', async (from, to) => {
    const [source, target] = [places[from], places[to]];
    const { epoch } = (await tenantOf(world.app.database, 'testcorp')).placement;
    const neighbour = await tenantOf(world.app.database, 'globex');
    const theirs = await world.sums(world.shared, neighbour.id);
    const [before, rows] = [await world.leads(source), await still(source)];
    const used = await traffic(world);
    await used.written(SOME);
    const move = await world.move(target);
    await used.written(SOME);
    const report = await used.stop();
    expect(move).toMatchObject({ status: 'done', error: null, rowsCopied: move.rowsTotal });
    expect(move.pauseMs).toBeLessThan(10_000);
    expect(await faultsOf(world, target, before, report)).toEqual(NOTHING);
    expect(await still(target)).toEqual(rows);
    expect(report.reads).toBeGreaterThan(SOME);
    expect([...(await world.traces(source)), ...(await world.traces(target))]).toEqual([]);
    expect(await whereabouts(target)).toEqual({
      core: { id: target.id, epoch: epoch + 1 },
      fences: [{ epoch: epoch + 1, state: 'active', place: target.schema }],
    });
    expect(await world.sums(world.shared, neighbour.id)).toEqual(theirs);
  });
});
