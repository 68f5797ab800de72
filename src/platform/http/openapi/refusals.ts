import type { OpenAPIObject } from '@nestjs/swagger';
import {
  Conflict,
  MalformedJson,
  NotFound,
  PermissionDenied,
  type ProblemFactory,
  problemType,
  Stale,
  TenantSuspended,
  TooLarge,
  Unauthenticated,
  Unavailable,
  UnsupportedMediaType,
  ValidationFailed,
} from '../../../common/problem.js';
import type { DeclaredAccess } from './operations.js';

type Responses = NonNullable<OpenAPIObject['paths'][string]['get']>['responses'];

/** What of an operation says how it can be refused. */
export interface Refusable {
  readonly path: string;
  readonly method: string;
  readonly access: DeclaredAccess;
  readonly hasParameters: boolean;
  readonly hasBody: boolean;
}

/** As media types stand in the document: without their charset. */
export const PROBLEM = 'application/problem+json';

const text = (description: string) => ({ type: 'string', description });

/** RFC 9457 with the members of ours. */
export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'request_id'],
  properties: {
    type: text('A URI reference that names the kind of problem'),
    title: text('The same for each occurrence'),
    status: { type: 'integer', description: 'The HTTP status', minimum: 400, maximum: 599 },
    detail: text('What is wrong this time'),
    instance: text('The path of the request, without its query'),
    code: text('For programs: one of docs/problems.md'),
    request_id: text('As in X-Request-Id'),
    layer: { type: 'string', enum: ['tenant', 'entitlement', 'permission'], description: 'Which layer refused (403)' },
    required: text('What would have been needed (403)'),
    reason: text('Why the layer refused (403)'),
    tenant_codes: {
      type: 'array',
      items: { type: 'string' },
      description: 'The tenants to choose from (409 tenant_required)',
    },
    errors: {
      type: 'array',
      description: 'Each fault of the input',
      items: {
        type: 'object',
        required: ['path', 'code', 'message'],
        properties: {
          path: text('As in the body, `items.3.name`, or the name of a parameter'),
          code: text('For programs'),
          message: text('For people'),
        },
      },
    },
  },
};

function exampleOf({ definition }: ProblemFactory, more: object = {}) {
  const { code, status, title, layer, detail = title } = definition;
  const type = problemType(code);
  const request_id = '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11';
  return { type, title, status, detail, code, request_id, ...(layer === undefined ? {} : { layer }), ...more };
}
const refusal = (description: string, problem: ProblemFactory, more: object = {}) => ({
  description,
  content: { [PROBLEM]: { schema: { $ref: '#/components/schemas/Problem' }, example: exampleOf(problem, more) } },
});

/** What an operation can be refused with, by what it asks: an answer that a handler declares itself stands before these. */
export function refusalsOf({ path, method, access, hasParameters, hasBody }: Refusable): Responses {
  const isProtected = access.kind !== 'public';
  // X-Reason is input to all that is protected
  const hasInput = method !== 'get' || hasParameters || isProtected;
  return {
    '400': refusal('The request cannot be read, or names no tenant', MalformedJson),
    ...(isProtected ? { '401': refusal('No token, or one that is not good any more', Unauthenticated) } : {}),
    ...(isProtected ? { '403': forbidden(access.any_of?.[0]) } : {}),
    ...(path.includes('{') || access.tenant === 'required'
      ? { '404': refusal('Not there, of another tenant, or outside of the record scope', NotFound) }
      : {}),
    ...(hasBody ? { '413': refusal('The body is larger than 1 MB', TooLarge) } : {}),
    ...(hasBody ? { '415': refusal('The body is no JSON by its content type', UnsupportedMediaType) } : {}),
    ...(hasInput ? { '422': refusal('The input is not valid', ValidationFailed, { errors: [FAULT] }) } : {}),
    '503': refusal('Come back after Retry-After', Unavailable),
  };
}

const FAULT = { path: 'name', code: 'required', message: 'is required' };

function forbidden(required: string | undefined) {
  const description = 'One of the three layers refused: the tenant, its entitlements, or the permissions of the caller';
  return required === undefined
    ? refusal(description, TenantSuspended)
    : refusal(description, PermissionDenied, { required });
}

/** Problems that resources declare with a sentence of their own, and what they look like. */
const DECLARED: Record<string, ProblemFactory> = { '409': Conflict, '412': Stale };

/** The example of a refusal that was declared without one; undefined for a status of which several could be meant. */
export function exampleOfStatus(status: string): object | undefined {
  const problem = DECLARED[status];
  return problem && exampleOf(problem);
}
