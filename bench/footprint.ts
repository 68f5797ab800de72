import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { send } from './agree.js';
import { Child } from './child.js';
import type { Database } from './cluster.js';
import { members } from './data.js';
import type { LoadRequest } from './load/request.js';
import { median } from './measure.js';
import { productEnvironment } from './servers/environment.js';
import { NODE_FLAGS } from './servers/flags.js';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const STARTS = 3;
const POLL_MS = 5;

/** Milliseconds from the start of the built application to its first right answer to this request: a median. */
export async function startTime(database: Database, [request]: readonly LoadRequest[]): Promise<number> {
  const times: number[] = [];
  if (request === undefined) throw new Error('there is nothing to answer');
  for (let start = 0; start < STARTS; start++) times.push(await oneStart(database, request));
  return median(times);
}

async function oneStart(database: Database, request: LoadRequest): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const node = spawn(process.execPath, [...NODE_FLAGS, MAIN], {
    env: { ...process.env, ...productEnvironment(database, port) },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  try {
    while (!(await answers(port, request))) {
      if (node.exitCode !== null) throw new Error(`the application ended with ${String(node.exitCode)}`);
      await sleep(POLL_MS);
    }
    return performance.now() - began;
  } finally {
    if (node.exitCode === null) {
      node.kill();
      await once(node, 'exit');
    }
  }
}

const answers = (port: number, request: LoadRequest): Promise<boolean> =>
  send(port, request).then(
    ({ ok }) => ok,
    () => false,
  );

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Bytes of heap for each snapshot in the cache, over all members of the database. */
export async function snapshotBytes(database: Database): Promise<{ bytes: number; snapshots: number }> {
  const child = await Child.start('./servers/snapshots.js', { urls: database }, ['--expose-gc']);
  const measured = await child.ask<{ bytes: number; snapshots: number }>(await members(database));
  await child.stop();
  return measured;
}
