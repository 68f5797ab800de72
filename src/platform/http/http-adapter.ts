import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  fastify,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyHttpOptions,
  type RawServerDefault,
} from 'fastify';
import { prepareHeaders, stampHeaders } from './headers.js';
import type { HttpOptions } from './http-options.js';
import { answerClientError } from './client-error.js';
import { BODY_LIMIT } from './json-body.js';
import { problemOf } from './problem-of.js';
import { sendProblem } from './problem-answer.js';
import { requestIdOf } from './request-id.js';

/** Milliseconds within which a request has to be whole. */
const REQUEST_TIMEOUT = 120_000;
/** Characters. Longer than any request line that Node takes: a parameter is judged by its route, which answers 422. */
const MAX_PARAMETER = 16_384;

/** Fastify as this product runs it. Nest is created with it and with `bodyParser: false`. */
export function httpAdapter(options: HttpOptions): FastifyAdapter {
  const headers = prepareHeaders(options);
  return withoutNestHooks({
    genReqId: requestIdOf,
    requestIdHeader: false,
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    // asked for by a hook, which refuses in our own words
    http: { requireHostHeader: false },
    routerOptions: { maxParamLength: MAX_PARAMETER },
    // requests that came before the end are served; Fastify's own 503 is no problem of RFC 9457
    return503OnClosing: false,
    trustProxy: trustedBy(options.trustProxy),
    clientErrorHandler: answerClientError,
    // what the router refuses by itself passes no hook
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      stampHeaders(headers, request, reply);
      sendProblem(request, reply, problemOf(error));
    },
  });
}

/**
 * Nest's adapter on a Fastify of ours. By itself it adds seven hooks to each request for what this product does not use
 * (CORS, CSRF and security headers of Nest's own, versions by header, 503 while closing): together as much as the guard.
 */
function withoutNestHooks(options: FastifyHttpOptions<RawServerDefault>): FastifyAdapter {
  const instance = fastify(options);
  const addHook = Reflect.get(instance, 'addHook') as (name: string, ...hook: unknown[]) => FastifyInstance;
  const addOthers = (name: string, ...hook: unknown[]): FastifyInstance =>
    name === 'onRequest' || name === 'onResponse' ? instance : addHook.call(instance, name, ...hook);
  Reflect.set(instance, 'addHook', addOthers);
  // the adapter reads its own options from what it is given; no middleware of Express' kind is a hook less too
  const adapter = new FastifyAdapter(Object.assign(instance, { skipMiddie: true, multipart: false }));
  Reflect.set(instance, 'addHook', addHook);
  return adapter;
}

/** Hops are counted from this side: the first is who connected. Fastify itself takes no number any more. */
function trustedBy(trusted: HttpOptions['trustProxy']) {
  if (trusted === undefined) return false;
  return typeof trusted === 'number' ? (_address: string, hop: number): boolean => hop < trusted : [...trusted];
}
