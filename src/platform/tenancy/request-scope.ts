import type { FastifyInstance, FastifyRequest } from 'fastify';
import { emptyScope, runInScope, type Scope } from './scope.js';

const SCOPE = Symbol('scope');
type Scoped = FastifyRequest & { [SCOPE]?: Scope };

/** Opens every request's scope, empty: the access guard fills it once, and nothing begins before the handler. */
export function openScopes(fastify: FastifyInstance): void {
  // part of every request from the start: a property that comes later, or a WeakMap, costs each of them
  fastify.decorateRequest(SCOPE, undefined);
  fastify.addHook('preHandler', (request: Scoped, _reply, done) => {
    const userAgent = request.headers['user-agent'];
    const scope = emptyScope({
      requestId: request.id,
      ip: request.ip,
      ...(userAgent === undefined ? {} : { userAgent }),
    });
    request[SCOPE] = scope;
    runInScope(scope, done);
  });
}

/** The scope of a request, for hooks that run after it; undefined when it did not come as far. */
export const scopeOf = (request: Scoped): Scope | undefined => request[SCOPE];
