import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeWorld, type Place, type World } from './world.js';
import { faultsOf, NOTHING, traffic } from './writers.js';

/** Where the mover is stopped: at a step, or at its first time after another one. */
type Fault = readonly [step: string, after?: string];

const BEFORE_THE_SWITCH: Fault[] = [
  ['expected'],
  ['capturing'],
  ['captured'],
  ['copying'],
  ['copying_rows'],
  ['copied'],
  ['copied_at_target'],
  ['catching_up'],
  ['passing'],
  ['passed_at_target'],
  ['fencing'],
  ['fenced'],
  ['passing', 'fenced'],
  ['passed_at_target', 'fenced'],
  ['closing'],
  // the source is closed, the target is not open: it goes either way
  ['closed'],
];
const AFTER_THE_SWITCH: Fault[] = [['opened'], ['placed'], ['finishing'], ['released']];
/** `npm run test:move` takes them all; otherwise those around the commits. */
const ALL = process.env['MOVE_FAULTS'] === 'all';
const some = (faults: Fault[], ...steps: string[]): Fault[] =>
  ALL ? faults : faults.filter((fault) => steps.includes(fault.join(' ')));

describe('a mover that dies', () => {
  let world: World;
  let places: Record<'shared' | 'schema' | 'database', Place>;
  beforeAll(async () => {
    world = await makeWorld(300);
    places = { shared: world.shared, schema: await world.newSchema(), database: await world.newDatabase() };
  });
  afterAll(() => world.close());

  const here = async (): Promise<Place> => {
    const [row] = await world.app.database.sql<{ id: string }>(
      'select location_id as id from core.organizations where id = $1',
      [world.mine.id],
    );
    const place = Object.values(places).find(({ id }) => id === row?.id);
    if (place === undefined) throw new Error('the tenant is nowhere');
    return place;
  };
  const leadsAt = async ({ database, schema }: Place): Promise<number> => {
    const [row] = await database.sql<{ count: number }>(
      `select count(*)::int as count from ${schema}.crm_leads where organization_id = $1`,
      [world.mine.id],
    );
    return row?.count ?? 0;
  };
  /** Ends as a process that is killed does, all its connections with it, and nothing is done any more. */
  const dieAt = ([step, after]: Fault) => {
    const passed = new Set<string>();
    return async (name: string): Promise<void> => {
      // what the last pass will have to carry over
      if (name === 'fencing') await touch();
      if (name === step && (after === undefined || passed.has(after))) throw new Error(`died at ${name}`);
      passed.add(name);
    };
  };
  const touch = () =>
    world.plane.tenancy.run(world.mine.id, () =>
      world.plane.tenancy.write({ text: `update crm_leads set source = 'touched' where name = 'Lead 7'`, values: [] }),
    );

  /** Dies on the way, then `mend`s; afterwards one copy alone can be written, and has all that anybody was told. */
  const dies = async (to: Place, fault: Fault, mend: (id: string) => Promise<unknown>, at: 'source' | 'target') => {
    const from = await here();
    const before = await leadsAt(from);
    const used = await traffic(world, { interrupted: true });
    const id = await world.moves.request(world.mine.id, to.id);
    await expect(world.moves.run(id, dieAt(fault))).rejects.toThrow(`died at ${fault[0]}`);
    await mend(id);
    const report = await used.stop();
    const place = at === 'target' ? to : from;
    expect(await here()).toBe(place);
    expect(await faultsOf(world, place, before, report)).toEqual(NOTHING);
    const databases = new Set([from.database, to.database]);
    const fences = await Promise.all(
      [...databases].map(({ sql }) =>
        sql(`select place from tenancy.fence where organization_id = $1 and state = 'active'`, [world.mine.id]),
      ),
    );
    expect(fences.flat()).toEqual([{ place: place.schema }]);
    expect([...(await world.traces(from)), ...(await world.traces(to))]).toEqual([]);
    return world.moves.get(id);
  };
  const elsewhere = async (): Promise<Place> =>
    (await here()) === places.shared
      ? places.schema
      : (await here()) === places.schema
        ? places.database
        : places.shared;

  const COMMITS = ['captured', 'copied_at_target', 'passed_at_target', 'passed_at_target fenced', 'closing', 'closed'];
  it.each([...some(BEFORE_THE_SWITCH, ...COMMITS), ...some(AFTER_THE_SWITCH, 'opened', 'placed')])(
    'at %s %s is resumed by another',
    async (...fault) => {
      const move = await dies(await elsewhere(), fault, (id) => world.moves.run(id), 'target');
      expect(move).toMatchObject({ status: 'done', error: null });
    },
  );

  it.each(some(BEFORE_THE_SWITCH, 'captured', 'copied_at_target', 'passed_at_target fenced', 'closed'))(
    'at %s %s is taken back, and the source is as it was',
    async (...fault) => {
      const to = await elsewhere();
      const move = await dies(to, fault, (id) => world.moves.abort(id), 'source');
      expect(move).toMatchObject({ status: 'aborted' });
      expect(await world.rows(to)).toBe(0);
    },
  );

  it.each(some(AFTER_THE_SWITCH.slice(0, 3), 'opened'))('at %s is not taken back any more', async (...fault) => {
    const mend = async (id: string) => {
      await expect(world.moves.abort(id)).rejects.toMatchObject({ definition: { code: 'conflict' } });
      await world.moves.run(id);
    };
    await dies(await elsewhere(), fault, mend, 'target');
  });
});
