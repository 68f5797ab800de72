import { isDeepStrictEqual } from 'node:util';
import type { LoadRequest } from './load/request.js';
import type { Side } from './measure.js';

type Json = Record<string, unknown>;

/** What two servers rightly answer differently: ids and times of what they made, and a cursor's own check. */
const THEIR_OWN = new Set(['id', 'created_at', 'updated_at', 'next_cursor']);

/**
 * Refuses to compare servers that do different work: both must answer one request of each kind with the same JSON.
 * @throws Error that shows both answers
 */
export async function assertSameAnswers(a: Side, b: Side): Promise<void> {
  const [ours, theirs] = [await answerOf(a), await answerOf(b)];
  const isWrite = a.requests[0]?.method === 'POST';
  const compared = (answer: Json): Json =>
    Object.fromEntries(
      Object.entries(answer).filter(([name]) => name !== 'next_cursor' && !(isWrite && THEIR_OWN.has(name))),
    );
  if (isDeepStrictEqual(compared(ours), compared(theirs))) return;
  throw new Error(`${a.name} and ${b.name} answer differently:\n${JSON.stringify(ours)}\n${JSON.stringify(theirs)}`);
}

async function answerOf({ name, server, requests }: Side): Promise<Json> {
  const [request] = requests;
  if (request === undefined) throw new Error(`${name} is asked nothing`);
  const response = await send(server.ready.port, request);
  if (!response.ok) throw new Error(`${name}: ${String(response.status)} ${await response.text()}`);
  return (await response.json()) as Json;
}

export const send = (port: number, { method, path, headers, body }: LoadRequest): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(port)}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  });
