import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AFTER_THE_SWITCH, BEFORE_THE_SWITCH, type Fault, Fates, placesOf } from './fates.js';
import { makeWorld } from './world.js';

/** `npm run test:move` takes all steps; otherwise those around the commits. */
const ALL = process.env['MOVE_FAULTS'] === 'all';
const some = (faults: Fault[], ...steps: string[]): Fault[] =>
  ALL ? faults : faults.filter((fault) => steps.includes(fault.join(' ')));
const COMMITS = ['captured', 'copied_at_target', 'passed_at_target fenced', 'closing', 'closed'];

describe('a mover that dies', () => {
  let fates: Fates;
  beforeAll(async () => {
    const world = await makeWorld(300);
    fates = new Fates(world, await placesOf(world));
  });
  afterAll(() => fates.world.close());

  /** Nothing is done any more once the step is reached, and its connections end: as of a process that is killed. */
  const dieAt =
    ([step, after]: Fault) =>
    async (id: string): Promise<void> => {
      const passed = new Set<string>();
      const onStep = async (name: string): Promise<void> => {
        if (name === 'fencing') await fates.touch();
        if (name === step && (after === undefined || passed.has(after))) throw new Error(`died at ${name}`);
        passed.add(name);
      };
      await expect(fates.world.moves.run(id, onStep)).rejects.toThrow(`died at ${step}`);
    };

  it.each([...some(BEFORE_THE_SWITCH, ...COMMITS), ...some(AFTER_THE_SWITCH, 'opened', 'placed')])(
    'at %s %s is succeeded by another, who ends the move',
    async (...fault) => {
      const move = await fates.survive(await fates.elsewhere(), dieAt(fault), (id) => fates.world.moves.run(id));
      expect(move).toMatchObject({ status: 'done', error: null });
    },
  );

  it.each(some(BEFORE_THE_SWITCH, ...COMMITS.slice(1)))(
    'at %s %s has its move taken back, and the source is as it was',
    async (...fault) => {
      const to = await fates.elsewhere();
      const move = await fates.survive(to, dieAt(fault), (id) => fates.world.moves.abort(id));
      expect(move).toMatchObject({ status: 'aborted' });
      expect(await fates.world.rows(to)).toBe(0);
    },
  );

  it.each(some(AFTER_THE_SWITCH.slice(0, 3), 'opened'))('at %s has moved: it is not taken back', async (...fault) => {
    const mend = async (id: string) => {
      await expect(fates.world.moves.abort(id)).rejects.toMatchObject({ definition: { code: 'conflict' } });
      await fates.world.moves.run(id);
    };
    await fates.survive(await fates.elsewhere(), dieAt(fault), mend);
  });
});
