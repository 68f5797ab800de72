import { Body, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import type { Page } from '../../../common/pagination.js';
import { UuidPipe } from '../../http/index.js';
import type { Resource } from '../definition/resource.js';
import type { BusinessRow } from '../dto/business.dto.js';
import { answerTypesOf } from './answer-types.js';
import { operationsOf, type Operations } from './operations.js';
import { Resources } from './resources.js';

/** The routes that read: the first half of what a controller made by `ResourceController` has. */
interface ReadRoutes<Row extends BusinessRow> {
  readonly resources: Resources;
  list(request: Request): Promise<Page<Row>>;
  export(request: Request, reply: Reply): Promise<AsyncGenerator<string>>;
  get(id: string, request: Request, reply: Reply): Promise<Row | undefined>;
}

/** The routes of a resource. */
export interface ResourceRoutes<Row extends BusinessRow> extends ReadRoutes<Row> {
  create(body: unknown, request: Request, reply: Reply): Promise<Row>;
  bulk(body: unknown, request: Request, reply: Reply): Promise<{ items: Row[] }>;
  update(id: string, body: unknown, request: Request, reply: Reply): Promise<Row>;
  delete(id: string, request: Request): Promise<void>;
  restore(id: string, request: Request, reply: Reply): Promise<Row>;
}

/**
 * The controller of a resource, to be extended: `@Controller() export class LeadsController extends
 * ResourceController(Leads) {}` has list, CSV, get, create, bulk, update, delete and restore with all of api.md's
 * conventions. Verbs of its own are further methods of the extending class.
 */
export function ResourceController<Row extends BusinessRow>(
  resource: Resource<Row>,
): abstract new () => ResourceRoutes<Row> {
  const operations = operationsOf(resource, answerTypesOf(resource.row));
  return withWrites(resource, operations, withReads(resource, operations));
}

/** The reply, for headers: what a handler returns is sent all the same. */
const Headers = (): ParameterDecorator => Res({ passthrough: true });
const idOf = ({ idParameter }: Resource) => Param(idParameter, UuidPipe);

function withReads<Row extends BusinessRow>(resource: Resource<Row>, operations: Operations) {
  const { path, idParameter } = resource;
  const Id = idOf(resource);

  abstract class Reads implements ReadRoutes<Row> {
    @Inject(Resources) readonly resources: Resources;

    @Get(path)
    @operations.list
    list(@Req() request: Request): Promise<Page<Row>> {
      return this.resources.list(resource, request);
    }

    @Get(`${path}.csv`)
    @operations.export
    export(@Req() request: Request, @Headers() reply: Reply): Promise<AsyncGenerator<string>> {
      return this.resources.export(resource, request, reply);
    }

    @Get(`${path}/:${idParameter}`)
    @operations.get
    get(@Id id: string, @Req() request: Request, @Headers() reply: Reply): Promise<Row | undefined> {
      return this.resources.get(resource, id, request, reply);
    }
  }
  return Reads;
}

function withWrites<Row extends BusinessRow>(
  resource: Resource<Row>,
  operations: Operations,
  Reads: abstract new () => ReadRoutes<Row>,
) {
  const { path, idParameter } = resource;
  const Id = idOf(resource);

  abstract class Routes extends Reads implements ResourceRoutes<Row> {
    @Post(path)
    @operations.create
    create(@Body() body: unknown, @Req() request: Request, @Headers() reply: Reply): Promise<Row> {
      return this.resources.create(resource, body, request, reply);
    }

    @Post(`${path}/bulk`)
    @operations.bulk
    bulk(@Body() body: unknown, @Req() request: Request, @Headers() reply: Reply): Promise<{ items: Row[] }> {
      return this.resources.bulk(resource, body, request, reply);
    }

    @Patch(`${path}/:${idParameter}`)
    @operations.update
    update(@Id id: string, @Body() body: unknown, @Req() request: Request, @Headers() reply: Reply): Promise<Row> {
      return this.resources.update(resource, id, body, request, reply);
    }

    @Delete(`${path}/:${idParameter}`)
    @HttpCode(204)
    @operations.delete
    delete(@Id id: string, @Req() request: Request): Promise<void> {
      return this.resources.delete(resource, id, request);
    }

    @Post(`${path}/:${idParameter}/restore`)
    @operations.restore
    restore(@Id id: string, @Req() request: Request, @Headers() reply: Reply): Promise<Row> {
      return this.resources.restore(resource, id, request, reply);
    }
  }
  return Routes;
}
