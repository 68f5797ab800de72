import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Health } from './health.js';
import type { Metrics } from './metrics.js';

const JSON_TYPE = 'application/json; charset=utf-8';

interface Answer {
  status: number;
  type: string;
  body: string;
}

/** Health and metrics on a port of their own (METRICS_PORT), for networks that the API's callers do not reach. */
export async function listenOperations(port: number, host: string, health: Health, metrics: Metrics): Promise<Server> {
  const server = createServer((request, response) => void respond(request, response, health, metrics));
  server.listen(port, host);
  await once(server, 'listening');
  // a scraper's idle connection must not keep the process
  return server.unref();
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  health: Health,
  metrics: Metrics,
): Promise<void> {
  const { status, type, body } = await answerOf(request, health, metrics).catch(() => json(500, { status: 'failed' }));
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

async function answerOf({ method, url }: IncomingMessage, health: Health, metrics: Metrics): Promise<Answer> {
  if (method !== 'GET') return json(405, { status: 'method_not_allowed' });
  switch (url) {
    case '/health/live':
      return json(200, { status: 'live' });
    case '/health/ready': {
      const readiness = await health.ready();
      return json(readiness.status === 'ready' ? 200 : 503, readiness);
    }
    case '/metrics':
      return { status: 200, type: metrics.contentType, body: await metrics.text() };
    default:
      return json(404, { status: 'not_found' });
  }
}

const json = (status: number, body: object): Answer => ({ status, type: JSON_TYPE, body: JSON.stringify(body) });
