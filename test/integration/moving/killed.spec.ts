import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AFTER_THE_SWITCH, BEFORE_THE_SWITCH, Fates, placesOf } from './fates.js';
import { makeWorld } from './world.js';

const SCRIPT = fileURLToPath(new URL('./mover-process.mjs', import.meta.url));
/** Kills at any moment, besides those at each step. */
const ROUNDS = Number(process.env['MOVE_ROUNDS'] ?? 3);
/** Milliseconds that a mover takes to start and to move so few rows, or more. */
const LONGEST_MS = 2_500;
const ALL = process.env['MOVE_FAULTS'] === 'all';

describe('a mover’s process that is killed', () => {
  let fates: Fates;
  beforeAll(async () => {
    const world = await makeWorld(1_000);
    fates = new Fates(world, await placesOf(world));
  });
  afterAll(() => fates.world.close());

  const start = (id: string, step?: string, after?: string): ChildProcess => {
    const { urls } = fates.world.app.database;
    return spawn(process.execPath, [SCRIPT, JSON.stringify({ urls, id, step, after })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  };
  const kill = async (mover: ChildProcess): Promise<void> => {
    if (mover.exitCode !== null) return;
    const gone = once(mover, 'exit');
    mover.kill('SIGKILL');
    await gone;
  };

  it.each(ALL ? [...BEFORE_THE_SWITCH, ...AFTER_THE_SWITCH] : [['closed']])(
    'at %s %s is succeeded by another',
    // no more parameters than a row has: jest would take the next one for its callback
    async (...[step, after]) => {
      const die = async (id: string): Promise<void> => {
        const mover = start(id, step, after);
        const [told] = (await once(mover.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
        // behind the fence there may have been nothing to carry over
        expect(['here\n', 'done\n']).toContain(String(told));
        await kill(mover);
      };
      const move = await fates.survive(await fates.elsewhere(), die, (id) => fates.world.moves.run(id));
      expect(move).toMatchObject({ status: 'done', error: null });
    },
  );

  it.each(Array.from({ length: ROUNDS }, (_, round) => round))('at any moment: round %s', async (round) => {
    const die = async (id: string): Promise<void> => {
      const mover = start(id);
      await sleep(Math.random() * LONGEST_MS);
      await kill(mover);
    };
    const mend = (id: string): Promise<unknown> =>
      round % 2 === 0 ? fates.world.moves.run(id) : fates.world.moves.abort(id).catch(() => fates.world.moves.run(id));
    expect(['done', 'aborted']).toContain((await fates.survive(await fates.elsewhere(), die, mend)).status);
  });
});
