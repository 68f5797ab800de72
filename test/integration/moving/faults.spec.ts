import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AFTER_THE_SWITCH, BEFORE_THE_SWITCH, type Fault, Fates, placesOf } from './fates.js';
import { makeWorld } from './world.js';

/** `npm run test:move`: every step in a move of its own, and in all ways; otherwise each once, in as few moves as there can be. */
const ALL = process.env['MOVE_FAULTS'] === 'all';
/** Kills at any moment between steps, besides those at steps. */
const ROUNDS = Number(process.env['MOVE_ROUNDS'] ?? 1);
/** Milliseconds after a step within which a mover is killed: longer than it takes to the next one. */
const LONGEST_MS = 50;
/** Milliseconds for a round: what writers add stays, and each move has more to copy than the one before. */
const LONG_MS = 120_000;
const SCRIPT = fileURLToPath(new URL('./mover-process.mjs', import.meta.url));

/** Each mover of a course dies one step further than the last. Who finds the source closed opens the target in another way. */
const COURSES: Fault[][] = [
  [...BEFORE_THE_SWITCH, ['finishing']],
  [['placed'], ['released']],
];
const COMMITS: Fault[] = [['copied_at_target'], ['passed_at_target', 'fenced'], ['closing'], ['closed']];
const STEPS = [...BEFORE_THE_SWITCH, ...AFTER_THE_SWITCH].map(([step]) => step);
const alone = (faults: Fault[]): Fault[][] => faults.map((fault) => [fault]);
const named = (courses: Fault[][]) =>
  courses.map((faults) => ({ faults, at: faults.map((fault) => fault.toReversed().join(' ')).join(', ') }));

let fates: Fates;
beforeAll(async () => {
  const world = await makeWorld(300);
  fates = new Fates(world, await placesOf(world));
});
afterAll(() => fates.world.close());

describe('a mover that dies', () => {
  /** Nothing is done any more once the step is reached, and its connections end: as of a process that is killed. */
  const dieAt = async (id: string, [step, after]: Fault): Promise<void> => {
    const passed = new Set<string>();
    const onStep = async (name: string): Promise<void> => {
      if (name === 'fencing') await fates.touch();
      if (name === step && (after === undefined || passed.has(after))) throw new Error(`died at ${name}`);
      passed.add(name);
    };
    await expect(fates.world.moves.run(id, onStep)).rejects.toThrow(`died at ${step}`);
  };

  it.each(named(ALL ? alone([...BEFORE_THE_SWITCH, ...AFTER_THE_SWITCH]) : COURSES))(
    'at $at is succeeded by another, who ends the move',
    async ({ faults }) => {
      const to = await fates.elsewhere();
      const move = await fates.survive(to, async () => {
        const id = await fates.ask(to);
        for (const fault of faults) await dieAt(id, fault);
        await fates.world.moves.run(id);
        return id;
      });
      expect(move).toMatchObject({ status: 'done', error: null });
    },
  );

  it.each(named(ALL ? alone(BEFORE_THE_SWITCH) : [COMMITS]))(
    'at $at has its move taken back, and the source is as it was',
    async ({ faults }) => {
      const to = await fates.elsewhere();
      const move = await fates.survive(to, async () => {
        let id = '';
        for (const fault of faults) {
          id = await fates.ask(to);
          await dieAt(id, fault);
          await fates.world.moves.abort(id);
          expect(await fates.world.rows(to)).toBe(0);
        }
        return id;
      });
      expect(move).toMatchObject({ status: 'aborted' });
    },
  );

  it.each(named(alone(ALL ? AFTER_THE_SWITCH.slice(0, 3) : [['opened']])))(
    'at $at has moved: it is not taken back',
    async ({ faults }) => {
      const to = await fates.elsewhere();
      const move = await fates.survive(to, async () => {
        const id = await fates.ask(to);
        for (const fault of faults) await dieAt(id, fault);
        await expect(fates.world.moves.abort(id)).rejects.toMatchObject({ definition: { code: 'conflict' } });
        await fates.world.moves.run(id);
        return id;
      });
      expect(move).toMatchObject({ status: 'done', error: null });
    },
  );
});

describe('a mover’s process that is killed', () => {
  const start = (id: string, [step, after]: Partial<Fault> = []) => {
    const { urls } = fates.world.app.database;
    const mover = spawn(process.execPath, [SCRIPT, JSON.stringify({ urls, id, step, after })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(mover.stdout)[Symbol.asyncIterator]();
    /** Until it tells one of these. */
    const tells = async (...words: string[]): Promise<void> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`the mover ended without a word of ${words.join(', ')}`);
        if (words.includes(value)) return;
      }
    };
    return { mover, tells };
  };
  const kill = async (mover: ChildProcess): Promise<void> => {
    if (mover.exitCode !== null) return;
    const gone = once(mover, 'exit');
    mover.kill('SIGKILL');
    await gone;
  };

  it.each(named(alone(ALL ? [...BEFORE_THE_SWITCH, ...AFTER_THE_SWITCH] : [['closed']])))(
    'at $at is succeeded by another',
    async ({ faults }) => {
      const to = await fates.elsewhere();
      const move = await fates.survive(to, async () => {
        const id = await fates.ask(to);
        for (const fault of faults) {
          const { mover, tells } = start(id, fault);
          // behind the fence there may have been nothing to carry over
          await tells('here', 'done');
          await kill(mover);
        }
        await fates.world.moves.run(id);
        return id;
      });
      expect(move).toMatchObject({ status: 'done', error: null });
    },
  );

  it.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'at any moment: round %s',
    async (round) => {
      const { moves } = fates.world;
      const to = await fates.elsewhere();
      const move = await fates.survive(to, async () => {
        const id = await fates.ask(to);
        const { mover, tells } = start(id);
        await tells(STEPS[Math.floor(Math.random() * STEPS.length)] ?? '', 'done');
        await sleep(Math.random() * LONGEST_MS);
        await kill(mover);
        await (round % 2 === 1 ? moves.run(id) : moves.abort(id).catch(() => moves.run(id)));
        return id;
      });
      expect(['done', 'aborted']).toContain(move.status);
    },
    LONG_MS,
  );
});
