import type { FastifyInstance, HTTPMethods } from 'fastify';

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The methods that some route of this path takes, for `Allow`. Asked only when nothing matched. */
export function methodsOf(instance: FastifyInstance, url: string): string[] {
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  const found = METHODS.filter((method) => Boolean(instance.findRoute({ method, url: path })));
  return found.length > 0 ? [...found, 'OPTIONS'] : [];
}
