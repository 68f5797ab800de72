import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { placesOf } from './fates.js';
import { makeWorld, type Place, type World } from './world.js';

/** More than are compared by one statement, twice over, and more than one piece of a copy holds. */
const LEADS = 4_500;
/** Longer than a piece. */
const COMMENTS = 5_000;

describe('a tenant of many rows', () => {
  let world: World;
  let place: Place;
  beforeAll(async () => {
    world = await makeWorld(LEADS);
    place = (await placesOf(world)).database;
    // answers before what they answer to, so that a piece refers to a later one
    await world.app.database.sql(
      `with made as materialized (select n, gen_random_uuid() as id from generate_series(1, $2::int) n)
       insert into shared.comments (organization_id, id, post_id, parent_id, content)
       select $1, m.id, p.id, other.id, repeat('deep', 20) from made m left join made other on other.n = m.n + $2 / 2,
         (select id from shared.posts where organization_id = $1 limit 1) p order by m.n`,
      [world.mine.id, COMMENTS],
    );
  });
  afterAll(() => world.close());

  /** Of the lead that is looked at last. */
  const spoil = async ({ schema, database }: Place): Promise<void> => {
    await database.sql(
      `update ${schema}.crm_leads set currency = 'USD' where organization_id = $1
       and id = (select id from ${schema}.crm_leads where organization_id = $1 order by id desc limit 1)`,
      [world.mine.id],
    );
  };

  it('is compared to its last row', async () => {
    const id = await world.moves.request(world.mine.id, place.id);
    const spoiling = (step: string) => (step === 'catching_up' ? spoil(place) : undefined);
    await expect(world.moves.run(id, spoiling)).rejects.toThrow(
      /not what the source is: crm_leads: (\d+) rows at the source, \1 at the target$/,
    );
  });

  it('is copied in pieces, in one of which a row refers to one of another', async () => {
    const before = await world.sums(world.shared);
    const pieces: string[] = [];
    const id = await world.moves.request(world.mine.id, place.id);
    const move = await world.moves.run(id, (step) => void pieces.push(step));
    expect(move).toMatchObject({ status: 'done', error: null, rowsCopied: move.rowsTotal });
    expect(pieces.filter((step) => step === 'copying_rows').length).toBeGreaterThan(6);
    expect(await world.sums(place)).toEqual(before);
  });
});
