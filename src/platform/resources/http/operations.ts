import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { RequireAccess } from '../../access/index.js';
import { PROBLEM_JSON } from '../../http/index.js';
import type { Resource } from '../definition/resource.js';
import type { AnswerTypes } from './answer-types.js';
import { includeParameter, listParameters, pageParameters } from './parameters.js';

/** What stands on each handler of a resource: the access it needs, and its part of the OpenAPI document. */
export interface Operations {
  readonly list: MethodDecorator;
  readonly export: MethodDecorator;
  readonly get: MethodDecorator;
  readonly create: MethodDecorator;
  readonly bulk: MethodDecorator;
  readonly update: MethodDecorator;
  readonly delete: MethodDecorator;
  readonly restore: MethodDecorator;
}

const ETAG = {
  ETag: { description: 'The version, for If-Match', schema: { type: 'string', example: '"1"' } },
} as const;
const REPLAYED = {
  'Idempotency-Replayed': {
    description: 'true when this is the kept answer of an earlier request',
    schema: { type: 'string', example: 'true' },
  },
} as const;
const LOCATION = { Location: { description: 'The path of the record', schema: { type: 'string' } } } as const;

const ifMatch = ApiHeader({
  name: 'If-Match',
  required: false,
  description: 'The ETag that the record must still have; * for any. Without it the last write wins.',
});
const ifNoneMatch = ApiHeader({
  name: 'If-None-Match',
  required: false,
  description: 'The ETag of the version that you have: 304 while it is the current one.',
});
const idempotencyKey = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description: 'For 24 hours a repeated request with the same key is answered as the first time.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
});

const refusal = (status: number, description: string): MethodDecorator =>
  ApiResponse({
    status,
    description,
    content: { [PROBLEM_JSON]: { schema: { $ref: '#/components/schemas/Problem' } } },
  });
const STALE = refusal(412, 'The record has changed since it was read');
const CONFLICT = refusal(
  409,
  'Something that must be unique is taken, the change lost a race, or the key is still at work',
);
const IN_USE = refusal(409, 'Other records lean on it');

export function operationsOf(resource: Resource, { page, bulk }: AnswerTypes): Operations {
  const { key, title, access, row } = resource;
  const describe = (name: string, summary: string, description?: string): MethodDecorator =>
    ApiOperation({ operationId: `${key}_${name}`, summary, ...(description === undefined ? {} : { description }) });
  const one = ApiParam({ name: resource.idParameter, schema: { type: 'string', format: 'uuid' } });
  const queries = (all: { name: string }[]): MethodDecorator => applyDecorators(...all.map((each) => ApiQuery(each)));
  return {
    list: applyDecorators(
      RequireAccess(access, 'read'),
      describe('list', `List ${title}`, 'The living within the record scope of the caller, the newest first.'),
      queries([...pageParameters(), ...listParameters(resource)]),
      ApiResponse({ status: 200, description: 'A page', type: page }),
    ),
    export: applyDecorators(
      RequireAccess(access, 'read'),
      describe('export', `Export ${title} as CSV`, 'All that a list with these parameters would show, streamed.'),
      queries(listParameters(resource)),
      ApiResponse({ status: 200, description: 'A header line and a line each', ...csvContent }),
    ),
    get: applyDecorators(
      RequireAccess(access, 'read'),
      describe('get', `Get one of ${title}`),
      one,
      ifNoneMatch,
      ApiQuery(includeParameter),
      ApiResponse({ status: 200, description: 'The record', type: row, headers: ETAG }),
      ApiResponse({ status: 304, description: 'You have the current version' }),
    ),
    create: createOperation(resource, describe),
    bulk: bulkOperation(resource, bulk, describe),
    update: applyDecorators(
      RequireAccess(access, 'update'),
      describe('update', `Change one of ${title}`, 'What is absent stays, null clears; jsonb is replaced whole.'),
      one,
      ifMatch,
      ApiBody({ type: resource.update }),
      ApiResponse({ status: 200, description: 'The record as it is now', type: row, headers: ETAG }),
      CONFLICT,
      STALE,
    ),
    delete: applyDecorators(
      RequireAccess(access, 'delete'),
      describe('delete', `Delete one of ${title}`, 'Soft, so that it can be restored, unless `hard=true`.'),
      one,
      ifMatch,
      ApiQuery({ name: 'hard', required: false, description: 'For good: needs manage', schema: { type: 'boolean' } }),
      ApiResponse({ status: 204, description: 'It is deleted' }),
      IN_USE,
      STALE,
    ),
    restore: applyDecorators(
      RequireAccess(access, 'manage'),
      describe('restore', `Restore one of ${title}`, 'Brings a deleted record back.'),
      one,
      ifMatch,
      idempotencyKey,
      ApiResponse({ status: 200, description: 'The record, alive', type: row, headers: { ...ETAG, ...REPLAYED } }),
      CONFLICT,
      STALE,
    ),
  };
}

type Describe = (name: string, summary: string, description?: string) => MethodDecorator;

function createOperation({ access, title, create, row }: Resource, describe: Describe): MethodDecorator {
  return applyDecorators(
    RequireAccess(access, 'create'),
    describe('create', `Create one of ${title}`, 'It belongs to the caller unless `owner_id` says otherwise.'),
    idempotencyKey,
    ApiBody({ type: create }),
    ApiResponse({
      status: 201,
      description: 'The record',
      type: row,
      headers: { ...ETAG, ...LOCATION, ...REPLAYED },
    }),
    CONFLICT,
  );
}

function bulkOperation(
  { access, title, update }: Resource,
  bulk: AnswerTypes['bulk'],
  describe: Describe,
): MethodDecorator {
  return applyDecorators(
    RequireAccess(access, 'read'),
    ApiExtraModels(update),
    describe(
      'bulk',
      `Create, change and delete many ${title}`,
      'All or nothing. Each item needs the permission of its `op`; without one, an item with an `id` is an update and any other a create. Faults are told at `items.3.name`.',
    ),
    idempotencyKey,
    ApiBody({ schema: bulkSchema(update) }),
    ApiResponse({ status: 200, description: 'The records', type: bulk, headers: REPLAYED }),
    CONFLICT,
    STALE,
  );
}

const bulkSchema = (update: Resource['update']) => ({
  type: 'object',
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      minItems: 1,
      maxItems: 500,
      items: {
        allOf: [
          {
            type: 'object',
            properties: {
              op: { type: 'string', enum: ['create', 'update', 'delete'] },
              id: { type: 'string', format: 'uuid', description: 'Of the record to change or delete' },
              version: { type: 'integer', minimum: 1, description: 'That the record must still have' },
            },
          },
          { $ref: getSchemaPath(update) },
        ],
      },
    },
  },
});

const csvContent = { content: { 'text/csv': { schema: { type: 'string' } } } } as const;
