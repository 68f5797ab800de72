import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpOptions } from './http-options.js';

/** Headers of every answer, made once: names in lower case. */
export interface PreparedHeaders {
  api: [string, string][];
  docs: [string, string][];
}

/** The pages of Swagger UI and Redoc bring their own scripts and styles; nothing else here is a page. */
const DOCS_POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function prepareHeaders({ environment }: HttpOptions): PreparedHeaders {
  const common: [string, string][] = [
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'no-referrer'],
  ];
  if (environment === 'production') common.push(['strict-transport-security', 'max-age=31536000; includeSubDomains']);
  return {
    api: [
      ...common,
      ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
      ['cache-control', 'no-store'],
    ],
    docs: [...common, ['content-security-policy', DOCS_POLICY], ['cache-control', 'no-cache']],
  };
}

/** Sets them, and the request's id. A handler may set its own over them. */
export function stampHeaders(prepared: PreparedHeaders, request: FastifyRequest, reply: FastifyReply): void {
  const url = request.raw.url ?? '';
  const headers = url.startsWith('/docs') || url.startsWith('/redoc') ? prepared.docs : prepared.api;
  for (const [name, value] of headers) reply.header(name, value);
  reply.header('x-request-id', request.id);
}
