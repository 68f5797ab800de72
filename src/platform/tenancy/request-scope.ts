import type { FastifyInstance, FastifyRequest } from 'fastify';
import { emptyScope, runInScope, type Scope } from './scope.js';

const scopes = new WeakMap<object, Scope>();

/** Opens every request's scope, empty: the access guard fills it once, and nothing begins before the handler. */
export function openScopes(fastify: FastifyInstance): void {
  fastify.addHook('preHandler', (request, _reply, done) => {
    const userAgent = request.headers['user-agent'];
    const scope = emptyScope({
      requestId: request.id,
      ip: request.ip,
      ...(userAgent === undefined ? {} : { userAgent }),
    });
    scopes.set(request, scope);
    runInScope(scope, done);
  });
}

/** The scope of a request, for hooks that run after it; undefined when it did not come as far. */
export const scopeOf = (request: FastifyRequest): Scope | undefined => scopes.get(request);
