import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { errorCode } from './system.js';

/** Below the range from which systems take the ports of outgoing connections. */
const first = 15_432;
const count = 2000;

export const localhost = '127.0.0.1';

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: localhost, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The port of the last start: PostgreSQL keeps its command line. */
function lastPort(directory: string): number | undefined {
  try {
    const [, port] = /"-p" "(\d+)"/.exec(readFileSync(join(directory, 'postmaster.opts'), 'utf8')) ?? [];
    return port === undefined ? undefined : Number(port);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The port of the last start, else one that goes with the path, so that two checkouts rarely meet; the next free one when taken. */
export async function choosePort(directory: string): Promise<number> {
  const last = lastPort(directory);
  const offset = createHash('sha256').update(directory).digest().readUInt32BE() % count;
  const candidates = Array.from({ length: 200 }, (_, step) => first + ((offset + step) % count));
  for (const port of last === undefined ? candidates : [last, ...candidates]) {
    if (await isFree(port)) return port;
  }
  throw new Error(
    `No port from ${first} to ${first + count - 1} is free on ${localhost} for the embedded PostgreSQL. Stop what holds them.`,
  );
}
