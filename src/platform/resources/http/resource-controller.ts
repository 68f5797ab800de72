import { Body, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from '../../../common/pagination.js';
import { UuidPipe } from '../../http/index.js';
import type { Resource } from '../definition/resource.js';
import type { BusinessRow } from '../dto/business.dto.js';
import { answerTypesOf } from './answer-types.js';
import { operationsOf } from './operations.js';
import { Resources } from './resources.js';

/** The routes of a resource: what a controller made by `ResourceController` has. */
export interface ResourceRoutes<Row extends BusinessRow> {
  list(request: FastifyRequest): Promise<Page<Row>>;
  export(request: FastifyRequest, reply: FastifyReply): Promise<AsyncGenerator<string>>;
  get(id: string, request: FastifyRequest, reply: FastifyReply): Promise<Row | undefined>;
  create(body: unknown, request: FastifyRequest, reply: FastifyReply): Promise<Row>;
  bulk(body: unknown, request: FastifyRequest, reply: FastifyReply): Promise<{ items: Row[] }>;
  update(id: string, body: unknown, request: FastifyRequest, reply: FastifyReply): Promise<Row>;
  delete(id: string, request: FastifyRequest): Promise<void>;
  restore(id: string, request: FastifyRequest, reply: FastifyReply): Promise<Row>;
}

/**
 * The controller of a resource, to be extended: `@Controller() export class LeadsController extends
 * ResourceController(Leads) {}` has list, CSV, get, create, bulk, update, delete and restore with all of api.md's
 * conventions. Verbs of its own are further methods of the extending class.
 */
export function ResourceController<Row extends BusinessRow>(
  resource: Resource<Row>,
): abstract new () => ResourceRoutes<Row> {
  const { path, idParameter } = resource;
  const one = `${path}/:${idParameter}`;
  const operations = operationsOf(resource, answerTypesOf(resource.row));
  const Id = (): ParameterDecorator => Param(idParameter, UuidPipe);
  const Reply = (): ParameterDecorator => Res({ passthrough: true });

  abstract class Routes implements ResourceRoutes<Row> {
    @Inject(Resources) readonly resources: Resources;

    @Get(path) @operations.list list(@Req() request: FastifyRequest): Promise<Page<Row>> {
      return this.resources.list(resource, request);
    }

    @Get(`${path}.csv`) @operations.export export(
      @Req() request: FastifyRequest,
      @Reply() reply: FastifyReply,
    ): Promise<AsyncGenerator<string>> {
      return this.resources.export(resource, request, reply);
    }

    @Get(one) @operations.get get(
      @Id() id: string,
      @Req() request: FastifyRequest,
      @Reply() reply: FastifyReply,
    ): Promise<Row | undefined> {
      return this.resources.get(resource, id, request, reply);
    }

    @Post(path) @operations.create create(
      @Body() body: unknown,
      @Req() request: FastifyRequest,
      @Reply() reply: FastifyReply,
    ): Promise<Row> {
      return this.resources.create(resource, body, request, reply);
    }

    @Post(`${path}/bulk`) @HttpCode(200) @operations.bulk bulk(
      @Body() body: unknown,
      @Req() request: FastifyRequest,
      @Reply() reply: FastifyReply,
    ): Promise<{ items: Row[] }> {
      return this.resources.bulk(resource, body, request, reply);
    }

    @Patch(one) @operations.update update(
      @Id() id: string,
      @Body() body: unknown,
      @Req() request: FastifyRequest,
      @Reply() reply: FastifyReply,
    ): Promise<Row> {
      return this.resources.update(resource, id, body, request, reply);
    }

    @Delete(one) @HttpCode(204) @operations.delete delete(
      @Id() id: string,
      @Req() request: FastifyRequest,
    ): Promise<void> {
      return this.resources.delete(resource, id, request);
    }

    @Post(`${one}/restore`) @HttpCode(200) @operations.restore restore(
      @Id() id: string,
      @Req() request: FastifyRequest,
      @Reply() reply: FastifyReply,
    ): Promise<Row> {
      return this.resources.restore(resource, id, request, reply);
    }
  }
  return Routes;
}
