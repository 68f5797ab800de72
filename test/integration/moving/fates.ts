import { expect } from '@jest/globals';
import type { Place, World } from './world.js';
import { faultsOf, NOTHING, traffic } from './writers.js';

/** Where a mover is stopped: at a step, or at its first time after another one. */
export type Fault = readonly [step: string, after?: string];

export const BEFORE_THE_SWITCH: Fault[] = [
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
export const AFTER_THE_SWITCH: Fault[] = [['opened'], ['placed'], ['finishing'], ['released']];

export type Places = Readonly<Record<'shared' | 'schema' | 'database', Place>>;
export const placesOf = async (world: World): Promise<Places> => ({
  shared: world.shared,
  schema: await world.newSchema(),
  database: await world.newDatabase(),
});

/** A tenant in use whose mover dies again and again on its way round three places. */
export class Fates {
  constructor(
    readonly world: World,
    private readonly places: Places,
  ) {}

  /** Where core says that the tenant is. */
  async here(): Promise<Place> {
    const { app, mine } = this.world;
    const [row] = await app.database.sql<{ id: string }>(
      'select location_id as id from core.organizations where id = $1',
      [mine.id],
    );
    const place = Object.values(this.places).find(({ id }) => id === row?.id);
    if (place === undefined) throw new Error('the tenant is nowhere');
    return place;
  }

  async elsewhere(): Promise<Place> {
    const { shared, schema, database } = this.places;
    const here = await this.here();
    return here === shared ? schema : here === schema ? database : shared;
  }

  /** A row that the last pass behind the fence has to carry over. */
  async touch(): Promise<void> {
    const { plane, mine } = this.world;
    const text = `update crm_leads set source = 'touched' where name = 'Lead 7'`;
    await plane.tenancy.run(mine.id, () => plane.tenancy.write({ text, values: [] }));
  }

  ask(to: Place): Promise<string> {
    return this.world.moves.request(this.world.mine.id, to.id);
  }

  /**
   * Has movers of the tenant die by a `course` of them, which returns the last move. Afterwards one copy alone can be
   * written, core and the databases agree on which, and it has all that anybody was told. @returns the last move
   */
  async survive(to: Place, course: () => Promise<string>) {
    const { world } = this;
    const from = await this.here();
    const before = await world.leads(from);
    const used = await traffic(world, { interrupted: true });
    const id = await course();
    await used.written(1);
    const report = await used.stop();
    const place = await this.here();
    expect(await faultsOf(world, place, before, report)).toEqual(NOTHING);
    const fences = await Promise.all(
      [...new Set([from.database, to.database])].map(({ sql }) =>
        sql(`select place from tenancy.fence where organization_id = $1 and state = 'active'`, [world.mine.id]),
      ),
    );
    expect(fences.flat()).toEqual([{ place: place.schema }]);
    expect([...(await world.traces(from)), ...(await world.traces(to))]).toEqual([]);
    const move = await world.moves.get(id);
    expect(place).toBe(move.status === 'done' ? to : from);
    return move;
  }
}
