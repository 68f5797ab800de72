import { Agent, request as httpRequest, type OutgoingHttpHeaders, type IncomingHttpHeaders } from 'node:http';
import { patiently } from './patiently.js';

/** A request exactly as it goes over the wire: nothing is tidied up, as `fetch` would do with a path. */
export interface Sent {
  readonly method: string;
  /** From the root, with its query. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** An object goes as JSON, a text or bytes as they are. */
  readonly body?: unknown;
}

export interface Received {
  /** 0: the connection was cut without an answer. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body of a JSON answer. */
  readonly body: Record<string, unknown> | undefined;
  /** Milliseconds. */
  readonly took: number;
}

/** Longer than the oracles let anything take: what hangs is told apart from what is slow. */
const PATIENCE_MS = 8_000;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** The answer to a request. One that Node itself refuses to send (a line break in a header) is undefined. */
export function exchange(url: string, sent: Sent): Promise<Received | undefined> {
  return patiently(
    () => exchangeOnce(url, sent),
    (received) => (received?.body?.['code'] === 'tenant_moving' ? received.headers['retry-after'] : undefined),
  );
}

function exchangeOnce(url: string, sent: Sent): Promise<Received | undefined> {
  const { hostname, port } = new URL(url);
  const payload = payloadOf(sent.body);
  const headers: OutgoingHttpHeaders = { ...sent.headers };
  if (payload !== undefined) {
    headers['content-type'] ??= 'application/json';
    headers['content-length'] ??= payload.length;
  }
  const began = Date.now();
  return new Promise((resolve) => {
    const cut = () => resolve({ status: 0, headers: {}, text: '', body: undefined, took: Date.now() - began });
    try {
      const request = httpRequest({ host: hostname, port, agent, method: sent.method, path: sent.path, headers });
      request.setTimeout(PATIENCE_MS, () => request.destroy());
      request.on('error', cut);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', cut);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const { statusCode: status = 0, headers: received } = response;
          resolve({ status, headers: received, text, body: jsonOf(received, text), took: Date.now() - began });
        });
      });
      request.end(payload);
    } catch {
      resolve(undefined);
    }
  });
}

/** Closes what is kept alive. */
export const hangUp = (): void => agent.destroy();

function payloadOf(body: unknown): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function jsonOf(headers: IncomingHttpHeaders, text: string): Record<string, unknown> | undefined {
  if (text === '' || !/json/.test(headers['content-type'] ?? '')) return undefined;
  return JSON.parse(text) as Record<string, unknown>;
}
