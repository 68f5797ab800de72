import type { OpenAPIObject } from '@nestjs/swagger';
import { PROBLEM_JSON } from '../problem-answer.js';

type Responses = NonNullable<OpenAPIObject['paths'][string]['get']>['responses'];

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

const example = (status: number, code: string, title: string, more: object = {}) => ({
  type: `/problems/${code}`,
  title,
  status,
  code,
  detail: title,
  request_id: '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11',
  ...more,
});
const refusal = (description: string, shown: object) => ({
  description,
  content: { [PROBLEM_JSON]: { schema: { $ref: '#/components/schemas/Problem' }, example: shown } },
});

const UNAUTHENTICATED = refusal(
  'No token, or one that is not good any more',
  example(401, 'unauthenticated', 'Sign in first'),
);
const FORBIDDEN = refusal(
  'One of the three layers refused: the tenant, its entitlements, or the permissions of the caller',
  example(403, 'permission_denied', 'A permission is missing', { layer: 'permission', required: 'crm_leads_create' }),
);
const NOT_FOUND = refusal(
  'Not there, of another tenant, or outside of the record scope',
  example(404, 'not_found', 'Not found'),
);
const INVALID = refusal(
  'The input is not valid',
  example(422, 'validation_failed', 'The input is not valid', {
    errors: [{ path: 'name', code: 'required', message: 'is required' }],
  }),
);
const BAD_REQUEST = refusal('The request cannot be read', example(400, 'malformed_json', 'The body is not JSON'));
const UNAVAILABLE = refusal('Come back after Retry-After', example(503, 'unavailable', 'Not available right now'));

/** What an operation can be refused with, by what it asks: an answer that a handler declares itself stands before these. */
export function refusalsOf(
  kind: string,
  path: string,
  method: string,
  operation: { parameters?: unknown[] },
): Responses {
  const isApi = path.startsWith('/api/');
  const hasInput = method !== 'get' || (operation.parameters ?? []).length > 0;
  return {
    ...(kind === 'public' ? {} : { '401': UNAUTHENTICATED, '403': FORBIDDEN }),
    ...(path.includes('{') ? { '404': NOT_FOUND } : {}),
    ...(hasInput && isApi ? { '422': INVALID } : {}),
    '400': BAD_REQUEST,
    ...(isApi ? { '503': UNAVAILABLE } : {}),
  };
}
