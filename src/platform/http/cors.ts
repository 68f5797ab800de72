import type { FastifyReply, FastifyRequest } from 'fastify';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS =
  'Authorization, Content-Type, X-API-Key, X-Tenant, X-Reason, X-Request-Id, If-Match, If-None-Match, Idempotency-Key';
const ANSWER_HEADERS =
  'X-Request-Id, ETag, Location, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed, Allow, WWW-Authenticate';
/** Seconds for which a browser may keep the answer to a preflight. */
const MAX_AGE = '600';

/**
 * Adds what the Fetch standard wants for calls from the given origins; true when the request was a preflight and
 * is answered. Credentials mode is not allowed: the API knows tokens in headers, no cookies.
 */
export type Cors = (request: FastifyRequest, reply: FastifyReply) => boolean;

export function corsFor(origins: readonly string[]): Cors {
  const known = new Set(origins);
  const any = known.has('*');
  return (request, reply) => {
    // caches must not hand one origin's answer to another
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !(any || known.has(origin))) return false;
    reply.header('access-control-allow-origin', origin);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      reply.header('access-control-expose-headers', ANSWER_HEADERS);
      return false;
    }
    reply.header('access-control-allow-methods', METHODS).header('access-control-allow-headers', REQUEST_HEADERS);
    reply.header('access-control-max-age', MAX_AGE).code(204).send();
    return true;
  };
}
