import type { Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BadRequest, MethodNotAllowed, NotFound } from '../../common/problem.js';
import { BodyPipe } from './body.pipe.js';
import { corsFor } from './cors.js';
import { prepareHeaders, stampHeaders } from './headers.js';
import type { HttpOptions } from './http-options.js';
import { BODY_LIMIT, parseJsonBody } from './json-body.js';
import { methodsOf } from './methods.js';
import { ProblemFilter, type ProblemListener } from './problem.filter.js';

type Done = (error?: Error) => void;

/** Milliseconds between two looks for connections that have fallen idle while the server closes. */
const HANG_UP = 50;

/**
 * Everything between the socket and the guards: request id, security headers, CORS, limits, the JSON parser, 404 and
 * 405, and the one filter and the one pipe. Called once, before `app.init()`, on an application made with
 * `httpAdapter(options)` and `bodyParser: false`.
 */
export function installHttp(app: NestFastifyApplication, options: HttpOptions, onProblem?: ProblemListener): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', onRequest(fastify, options));
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, parseJsonBody);
  // RFC 9110, 10.1.1: an expectation nobody knows may be passed over. Node would answer 417, which is no problem of ours
  fastify.server.on('checkExpectation', (request, response) => fastify.server.emit('request', request, response));
  fastify.addHook('preClose', (done) => {
    hangUp(fastify.server);
    done();
  });
  app.useGlobalFilters(new ProblemFilter(onProblem));
  app.useGlobalPipes(new BodyPipe());
}

/** While the server closes: a connection kept alive after its last answer would keep the process for a minute. */
function hangUp(server: Server): void {
  const timer = setInterval(() => server.closeIdleConnections(), HANG_UP);
  server.once('close', () => clearInterval(timer));
}

/** One hook instead of five: each costs every request. */
function onRequest(fastify: FastifyInstance, options: HttpOptions) {
  const headers = prepareHeaders(options);
  const cors = options.corsOrigins.length > 0 ? corsFor(options.corsOrigins) : undefined;
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    stampHeaders(headers, request, reply);
    if (cors?.(request, reply)) return;
    if (lacksHost(request)) done(BadRequest({ detail: 'The header Host is missing.' }));
    else if (request.is404) answerUnrouted(fastify, request, reply, done);
    else if (hasBrokenQuery(request.raw.url ?? ''))
      done(BadRequest({ detail: 'The query is not percent-encoded UTF-8.' }));
    else done();
  };
}

/** 404, or 405 for a path that has other methods (RFC 9110, 15.5.6), or its methods for OPTIONS. The body is not read. */
function answerUnrouted(fastify: FastifyInstance, request: FastifyRequest, reply: FastifyReply, done: Done): void {
  const methods = methodsOf(fastify, request.raw.url ?? '');
  if (methods.length === 0 || methods.includes(request.method) !== (request.method === 'OPTIONS')) {
    done(NotFound());
    return;
  }
  const allow = methods.join(', ');
  if (request.method === 'OPTIONS') void reply.header('allow', allow).code(204).send();
  else done(MethodNotAllowed({ headers: { allow } }));
}

/** RFC 9112, 3.2: a request of HTTP/1.1 names its host. Left to Node (`requireHostHeader`), the refusal would be no problem of ours. */
const lacksHost = ({ raw }: FastifyRequest): boolean => raw.headers.host === undefined && raw.httpVersion === '1.1';

/** The query parser would take a broken escape for literal text. */
function hasBrokenQuery(url: string): boolean {
  const query = url.indexOf('?');
  if (query === -1 || !url.includes('%', query)) return false;
  try {
    decodeURIComponent(url.slice(query));
    return false;
  } catch {
    return true;
  }
}
