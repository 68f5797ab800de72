import { Body, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import type { Page } from '../../../common/pagination.js';
import { UuidPipe } from '../../http/index.js';
import type { Resource } from '../definition/resource.js';
import type { StoredRow } from '../dto/business.dto.js';
import { answerTypesOf } from './answer-types.js';
import { operationsOf, type Operations } from './operations.js';
import { Resources } from './resources.js';
import type { UseCases } from './use-cases.js';

/** The routes of a resource. */
export interface ResourceRoutes<Row extends StoredRow> {
  readonly resources: Resources;
  readonly cases: UseCases<Row>;
  list(request: Request): Promise<Page<Row>>;
  listOfTenant(request: Request): Promise<Page<Row>>;
  export(request: Request, reply: Reply): Promise<AsyncGenerator<string>>;
  get(id: string, request: Request, reply: Reply): Promise<Row | undefined>;
  create(body: unknown, request: Request, reply: Reply): Promise<Row>;
  bulk(body: unknown, request: Request, reply: Reply): Promise<{ items: Row[] }>;
  update(id: string, body: unknown, request: Request, reply: Reply): Promise<Row>;
  delete(id: string, request: Request): Promise<void>;
  restore(id: string, request: Request, reply: Reply): Promise<Row>;
}
export type Route = keyof Operations;

/** What a controller is made of, besides its resource. */
export interface ControllerOptions<Row extends StoredRow> {
  /** The feature's service, for what one statement does not do. */
  readonly service?: Type<UseCases<Row>>;
  /** By default all of them. */
  readonly routes?: readonly Route[];
}

const ALL: readonly Route[] = ['list', 'export', 'get', 'create', 'bulk', 'update', 'delete', 'restore'];
const EVERY: readonly Route[] = [...ALL, 'listOfTenant'];
/** Those of the platform's resources. */
export const PLAIN: readonly Route[] = ['list', 'export', 'get', 'create', 'update', 'delete', 'restore'];
/** Of those that are also listed below the tenant that a path names: `/tenants/{tenant_id}/menus`. */
export const OF_TENANTS: readonly Route[] = [...PLAIN, 'listOfTenant'];

/**
 * The controller of a resource, to be extended: `@Controller() export class LeadsController extends
 * ResourceController(Leads) {}` has list, CSV, get, create, bulk, update, delete and restore with all of api.md's
 * conventions. Verbs of its own are further methods of the extending class.
 */
export function ResourceController<Row extends StoredRow>(
  resource: Resource<Row>,
  { service, routes = ALL }: ControllerOptions<Row> = {},
): abstract new () => ResourceRoutes<Row> {
  abstract class Routes implements ResourceRoutes<Row> {
    @Inject(Resources) readonly resources: Resources;
    readonly cases: UseCases<Row>;

    list(request: Request): Promise<Page<Row>> {
      return this.resources.list(resource, request, this.cases);
    }
    /** The guard has made the tenant of the path that of the request. */
    listOfTenant(request: Request): Promise<Page<Row>> {
      return this.resources.list(resource, request, this.cases);
    }
    export(request: Request, reply: Reply): Promise<AsyncGenerator<string>> {
      return this.resources.export(resource, request, reply, this.cases);
    }
    get(id: string, request: Request, reply: Reply): Promise<Row | undefined> {
      return this.resources.get(resource, id, request, reply, this.cases);
    }
    create(body: unknown, request: Request, reply: Reply): Promise<Row> {
      return this.resources.create(resource, body, request, reply, this.cases);
    }
    bulk(body: unknown, request: Request, reply: Reply): Promise<{ items: Row[] }> {
      return this.resources.bulk(resource, body, request, reply);
    }
    update(id: string, body: unknown, request: Request, reply: Reply): Promise<Row> {
      return this.resources.update(resource, id, body, request, reply, this.cases);
    }
    delete(id: string, request: Request): Promise<void> {
      return this.resources.delete(resource, id, request, this.cases);
    }
    restore(id: string, request: Request, reply: Reply): Promise<Row> {
      return this.resources.restore(resource, id, request, reply, this.cases);
    }
  }
  if (service !== undefined) Inject(service)(Routes.prototype, 'cases');
  else Object.assign(Routes.prototype, { cases: {} });
  declareRoutes(Routes.prototype, routes, resource);
  return Routes;
}

/** A method that is no route is not there. */
function declareRoutes(prototype: object, routes: readonly Route[], resource: Resource): void {
  const operations = operationsOf(resource, answerTypesOf(resource.row));
  for (const route of EVERY)
    if (routes.includes(route)) declare(prototype, route, operations[route], resource);
    else Reflect.deleteProperty(prototype, route);
}

type Parameter = 'id' | 'body' | 'request' | 'reply';
interface Declaration {
  readonly http: (path: string) => MethodDecorator;
  readonly at: `${string}${'collection' | 'record'}${string}`;
  readonly parameters: readonly Parameter[];
  readonly code?: number;
}
const DECLARATIONS: Record<Route, Declaration> = {
  list: { http: Get, at: 'collection', parameters: ['request'] },
  listOfTenant: { http: Get, at: 'tenants/:tenant_id/collection', parameters: ['request'] },
  export: { http: Get, at: 'collection.csv', parameters: ['request', 'reply'] },
  get: { http: Get, at: 'record', parameters: ['id', 'request', 'reply'] },
  create: { http: Post, at: 'collection', parameters: ['body', 'request', 'reply'] },
  bulk: { http: Post, at: 'collection/bulk', parameters: ['body', 'request', 'reply'] },
  update: { http: Patch, at: 'record', parameters: ['id', 'body', 'request', 'reply'] },
  delete: { http: Delete, at: 'record', parameters: ['id', 'request'], code: 204 },
  restore: { http: Post, at: 'record/restore', parameters: ['id', 'request', 'reply'] },
};

/** What decorators in the class would say, were they the same for all resources. */
function declare(prototype: object, route: Route, operation: MethodDecorator, resource: Resource): void {
  const { http, at, parameters, code } = DECLARATIONS[route];
  const { path, idParameter } = resource;
  const place = at.replace('record', `${path}/:${idParameter}`).replace('collection', path);
  const descriptor = Object.getOwnPropertyDescriptor(prototype, route) ?? {};
  for (const decorate of [operation, ...(code === undefined ? [] : [HttpCode(code)]), http(place)])
    decorate(prototype, route, descriptor);
  parameters.forEach((parameter, index) => {
    parameterOf(parameter, idParameter)(prototype, route, index);
  });
}

function parameterOf(parameter: Parameter, idParameter: string): ParameterDecorator {
  switch (parameter) {
    case 'id':
      return Param(idParameter, UuidPipe);
    case 'body':
      return Body();
    case 'request':
      return Req();
    case 'reply':
      // for headers: what a handler returns is sent all the same
      return Res({ passthrough: true });
  }
}
