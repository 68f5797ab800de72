import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../agree.js';
import { answerParent, settings } from '../answer-parent.js';
import type { LoadRequest } from '../load/request.js';
import type { WriterQuestion, WriterSettings, Written } from './questions.js';

const WRITERS = 4;
const NEIGHBOURS = 2;
/** What a person needs between two clicks, and more: the writers are not there to fill the machine. */
const PAUSE_MS = 10;
const RETRY_MS = 50;
const LEADS = '/api/v1/crm/leads';

const { port, headers, neighbour } = settings as WriterSettings;

interface Run {
  readonly ledger: Map<string, string | null>;
  readonly answered: number[];
  stopped: boolean;
  writes: number;
  longest: number;
  turnedAway: number;
  work: Promise<unknown>;
}

type Write = Omit<LoadRequest, 'method'> & { readonly method: 'POST' | 'PATCH' | 'DELETE' };

/** One write, again while the tenant is being moved. */
async function write(run: Run, request: Write): Promise<{ id: string }> {
  const began = performance.now();
  for (;;) {
    const answer = await send(port, request as LoadRequest);
    const text = await answer.text();
    if (answer.ok) {
      run.longest = Math.max(run.longest, performance.now() - began);
      run.writes++;
      return (text === '' ? {} : JSON.parse(text)) as { id: string };
    }
    if (answer.status !== 503) throw new Error(`a writer was refused: ${String(answer.status)} ${text}`);
    run.turnedAway++;
    await sleep(RETRY_MS);
  }
}

async function keepWriting(run: Run): Promise<void> {
  const mine: string[] = [];
  for (let n = 0; !run.stopped; n++) {
    const name = `Written ${String(n)}`;
    const body = JSON.stringify({ name });
    const id = mine[Math.floor(Math.random() * mine.length)];
    if (id === undefined || n % 3 === 0) {
      const made = await write(run, { method: 'POST', path: LEADS, headers, body });
      run.ledger.set(made.id, name);
      mine.push(made.id);
    } else if (n % 3 === 1) {
      await write(run, { method: 'PATCH', path: `${LEADS}/${id}`, headers, body });
      run.ledger.set(id, name);
    } else {
      await write(run, { method: 'DELETE', path: `${LEADS}/${id}?hard=true`, headers });
      run.ledger.set(id, null);
      mine.splice(mine.indexOf(id), 1);
    }
    await sleep(PAUSE_MS);
  }
}

async function keepReading(run: Run): Promise<void> {
  while (!run.stopped) {
    const began = performance.now();
    const answer = await send(port, neighbour);
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`the neighbour was refused: ${String(answer.status)}`);
    run.answered.push(performance.now() - began);
    await sleep(PAUSE_MS);
  }
}

function start(): Run {
  const run: Run = {
    ledger: new Map(),
    answered: [],
    stopped: false,
    writes: 0,
    longest: 0,
    turnedAway: 0,
    work: Promise.resolve(),
  };
  run.work = Promise.all([
    ...Array.from({ length: WRITERS }, () => keepWriting(run)),
    ...Array.from({ length: NEIGHBOURS }, () => keepReading(run)),
  ]);
  // told when it is asked to stop
  run.work.catch(() => undefined);
  return run;
}

async function stop(run: Run): Promise<Written> {
  run.stopped = true;
  await run.work;
  return {
    ledger: [...run.ledger],
    writes: run.writes,
    longestWriteMs: run.longest,
    turnedAway: run.turnedAway,
    neighbourMs: run.answered,
  };
}

let running: Run | undefined;
answerParent({}, async ({ ask }: WriterQuestion) => {
  if (ask === 'start') {
    running = start();
    return {};
  }
  return running === undefined ? {} : stop(running);
});
