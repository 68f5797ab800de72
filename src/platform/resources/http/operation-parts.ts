import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiQuery, type ApiQueryOptions, ApiResponse } from '@nestjs/swagger';
import { Conflict, InUse, type ProblemFactory, problemType, Stale } from '../../../common/problem.js';
import { PROBLEM_JSON } from '../../http/index.js';
import type { Resource } from '../definition/resource.js';

// What the operations of all resources say of themselves in the same words.

const EXAMPLE_ID = '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11';

export const ETAG = {
  ETag: { description: 'The version, for If-Match', schema: { type: 'string', example: '"1"' } },
} as const;
export const REPLAYED = {
  'Idempotency-Replayed': {
    description: 'true when this is the kept answer of an earlier request',
    schema: { type: 'string', example: 'true' },
  },
} as const;
export const LOCATION = { Location: { description: 'The path of the record', schema: { type: 'string' } } } as const;

export const ifMatch = ApiHeader({
  name: 'If-Match',
  required: false,
  description: 'The ETag that the record must still have; * for any. Without it the last write wins.',
});
export const ifNoneMatch = ApiHeader({
  name: 'If-None-Match',
  required: false,
  description: 'The ETag of the version that you have: 304 while it is the current one.',
});
export const idempotencyKey = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description: 'For 24 hours a repeated request with the same key is answered as the first time.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
});

const refusal = ({ definition: { status, code, title } }: ProblemFactory, description: string): MethodDecorator =>
  ApiResponse({
    status,
    description,
    content: {
      [PROBLEM_JSON]: {
        schema: { $ref: '#/components/schemas/Problem' },
        example: { type: problemType(code), title, status, code, detail: title, request_id: EXAMPLE_ID },
      },
    },
  });
export const STALE = refusal(Stale, 'The record has changed since it was read');
export const CONFLICT = refusal(
  Conflict,
  'Something that must be unique is taken, the change lost a race, or the key is still at work',
);
export const IN_USE = refusal(InUse, 'Other records lean on it');

/** Id, summary and description of an operation: `crm_leads_list`. */
export const operation = ({ key }: Resource, name: string, summary: string, description?: string): MethodDecorator =>
  ApiOperation({ operationId: `${key}_${name}`, summary, ...(description === undefined ? {} : { description }) });

const uuidParameter = (name: string): MethodDecorator => ApiParam({ name, schema: { type: 'string', format: 'uuid' } });

/** The parameters above the record, of a resource that stands below another. */
export const parentParameters = ({ path }: Pick<Resource, 'path'>): MethodDecorator =>
  applyDecorators(...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => uuidParameter(name)));

export const idParameter = (resource: Resource): MethodDecorator =>
  applyDecorators(parentParameters(resource), uuidParameter(resource.idParameter));

export const queries = (parameters: readonly ApiQueryOptions[]): MethodDecorator =>
  applyDecorators(...parameters.map((parameter) => ApiQuery(parameter)));
