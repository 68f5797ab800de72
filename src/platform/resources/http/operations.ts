import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiQuery, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { accessTo, Require } from '../../access/index.js';
import type { InputClass } from '../../http/index.js';
import type { Resource } from '../definition/resource.js';
import { type AnswerTypes, answerTypesOf } from './answer-types.js';
import {
  CONFLICT,
  ETAG,
  idempotencyKey,
  idParameter,
  ifMatch,
  ifNoneMatch,
  IN_USE,
  LOCATION,
  operation,
  parentParameters,
  queries,
  REPLAYED,
  STALE,
} from './operation-parts.js';
import { includeParameters, listParameters, pageParameters } from './parameters.js';

/** What stands on each handler of a resource: the access it needs, and its part of the OpenAPI document. */
export type Operations = Readonly<
  Record<
    'list' | 'listOfTenant' | 'export' | 'get' | 'create' | 'bulk' | 'update' | 'delete' | 'restore',
    MethodDecorator
  >
>;

export const operationsOf = (resource: Resource, types: AnswerTypes): Operations => ({
  ...readOperations(resource, types),
  create: createOperation(resource),
  bulk: bulkOperation(resource, types),
  ...changeOperations(resource),
});

function readOperations(resource: Resource, { page }: AnswerTypes) {
  const { permissions, row, title } = resource;
  return {
    list: applyDecorators(
      Require(permissions.read),
      operation(resource, 'list', `List ${title}`, `The living that the caller reaches${orderText(resource)}.`),
      parentParameters(resource),
      queries([...pageParameters(resource), ...listParameters(resource)]),
      ApiResponse({ status: 200, description: 'A page', type: page }),
    ),
    listOfTenant: applyDecorators(
      Require(accessTo(resource.access, 'read', { ...resource.options, tenant: 'path' })),
      operation(resource, 'list_of_tenant', `List ${title} of a tenant`, 'As the list of the tenant itself.'),
      parentParameters({ path: `tenants/:tenant_id/${resource.path}` }),
      queries([...pageParameters(resource), ...listParameters(resource)]),
      ApiResponse({ status: 200, description: 'A page', type: page }),
    ),
    export: applyDecorators(
      Require(permissions.read),
      parentParameters(resource),
      operation(resource, 'export', `Export ${title} as CSV`, 'All that a list would show, streamed.'),
      queries(listParameters(resource)),
      ApiResponse({
        status: 200,
        description: 'A header line, then a line for each record',
        content: { 'text/csv': { schema: { type: 'string' } } },
      }),
    ),
    get: applyDecorators(
      Require(permissions.read),
      operation(resource, 'get', `Get one of the ${title}`),
      idParameter(resource),
      ifNoneMatch,
      queries(includeParameters(resource)),
      ApiResponse({ status: 200, description: 'The record', type: row, headers: ETAG }),
      ApiResponse({ status: 304, description: 'You have the current version' }),
    ),
  };
}

/** Of a route of one's own that answers a page of the resource. */
export const listed = (resource: Resource): MethodDecorator =>
  applyDecorators(
    queries([...pageParameters(resource), ...listParameters(resource)]),
    ApiResponse({ status: 200, description: 'A page', type: answerTypesOf(resource.row).page }),
  );

function createOperation(resource: Resource): MethodDecorator {
  const headers = { ...ETAG, ...LOCATION, ...REPLAYED };
  return applyDecorators(
    Require(resource.permissions.create),
    operation(
      resource,
      'create',
      `Create one of the ${resource.title}`,
      ...(resource.writable.has('owner_id') ? ['It is yours, unless owner_id says otherwise.'] : []),
    ),
    parentParameters(resource),
    idempotencyKey,
    ...(resource.create === undefined ? [] : [ApiBody({ type: resource.create })]),
    ApiResponse({ status: 201, description: 'The record', type: resource.row, headers }),
    CONFLICT,
  );
}

/** Whoever reads the answer may read; what else he needs, each item says. */
function bulkOperation(resource: Resource, { bulk }: AnswerTypes): MethodDecorator {
  const description =
    'All or nothing. Each item needs the permission of its `op`; without one, an item with an `id` is an update and any ' +
    'other a create. Faults are told at `items.3.name`.';
  return applyDecorators(
    Require(resource.permissions.read),
    HttpCode(200),
    operation(resource, 'bulk', `Create, change and delete many ${resource.title}`, description),
    idempotencyKey,
    ...(resource.update === undefined
      ? []
      : [ApiExtraModels(resource.update), ApiBody({ schema: bulkSchema(resource.update) })]),
    ApiResponse({ status: 200, description: 'The records', type: bulk, headers: REPLAYED }),
    CONFLICT,
    STALE,
  );
}

function changeOperations(resource: Resource) {
  const { permissions, row, title, update } = resource;
  const one = idParameter(resource);
  return {
    update: applyDecorators(
      Require(permissions.update),
      operation(resource, 'update', `Change one of the ${title}`, 'What is absent stays, null clears.'),
      ...[one, ifMatch, CONFLICT, STALE],
      ...(update === undefined ? [] : [ApiBody({ type: update })]),
      ApiResponse({ status: 200, description: 'The record as it is now', type: row, headers: ETAG }),
    ),
    delete: applyDecorators(
      Require(permissions.delete),
      operation(
        resource,
        'delete',
        `Delete one of the ${title}`,
        resource.isRestorable ? 'Soft: it can be restored, unless `hard=true`.' : 'For good.',
      ),
      ...[one, ifMatch, IN_USE, STALE],
      ...(resource.isRestorable ? [ApiQuery(HARD)] : []),
      ApiResponse({ status: 204, description: 'It is deleted' }),
    ),
    restore: applyDecorators(
      Require(permissions.manage),
      HttpCode(200),
      operation(resource, 'restore', `Restore one of the ${title}`, 'Brings a deleted record back.'),
      ...[one, ifMatch, idempotencyKey, CONFLICT, STALE],
      ApiResponse({ status: 200, description: 'The record, alive', type: row, headers: { ...ETAG, ...REPLAYED } }),
    ),
  };
}

const HARD = {
  name: 'hard',
  required: false,
  description: 'For good: needs manage',
  schema: { type: 'boolean' },
} as const;

const orderText = ({ listing }: Resource): string => {
  const [first] = listing.defaultOrder;
  return first?.column.wire === 'created_at' ? ', the newest first' : `, by ${first?.column.wire ?? 'id'}`;
};

const bulkSchema = (update: InputClass<object>) => ({
  type: 'object',
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      minItems: 1,
      maxItems: 500,
      items: { allOf: [ITEM, { $ref: getSchemaPath(update) }] },
    },
  },
});
const ITEM = {
  type: 'object',
  properties: {
    op: { type: 'string', enum: ['create', 'update', 'delete'] },
    id: { type: 'string', format: 'uuid', description: 'Of the record to change or delete' },
    version: { type: 'integer', minimum: 1, description: 'That the record must still have' },
  },
};
