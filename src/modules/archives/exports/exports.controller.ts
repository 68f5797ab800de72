import { Readable } from 'node:stream';
import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from '../../../common/pagination.js';
import { RequireAccess } from '../../../platform/access/index.js';
import { etagOf, noneMatchHolds, pathOf, UuidPipe } from '../../../platform/http/index.js';
import {
  CONFLICT,
  ETAG,
  idempotencyKey,
  ifNoneMatch,
  listed,
  LOCATION,
  refuseInput,
  refuseQuery,
  REPLAYED,
  Resources,
} from '../../../platform/resources/index.js';
import { ExportRow } from './export.dto.js';
import { Exports } from './exports.js';
import { ExportsService } from './exports.service.js';

const uuid = (name: string) => ApiParam({ name, schema: { type: 'string', format: 'uuid' } });
const TENANT_ID = uuid('tenant_id');
const EXPORT_ID = uuid('export_id');
const header = (description: string) => ({ description, schema: { type: 'string' } }) as const;
const FILE = ApiResponse({
  status: 200,
  description: 'The file',
  headers: {
    ETag: header('The sha256 of the file, in hexadecimal digits'),
    'Content-Disposition': header('Its name'),
    'Content-Length': header('Its bytes'),
  },
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
});
const MANAGED = { tenant: 'path' } as const;

@Controller('tenants/:tenant_id/exports')
export class ExportsController {
  constructor(
    private readonly resources: Resources,
    private readonly exports: ExportsService,
  ) {}

  @Post()
  @HttpCode(202)
  @RequireAccess('tenant', 'manage', MANAGED)
  @ApiOperation({
    operationId: 'tenants_exports_create',
    summary: 'Have all that there is of a tenant written into one file',
    description: 'In the background, and one at a time. What is ready can be downloaded for seven days.',
  })
  @TENANT_ID
  @idempotencyKey
  @CONFLICT
  @ApiResponse({
    status: 202,
    description: 'The export, queued',
    type: ExportRow,
    headers: { ...ETAG, ...LOCATION, ...REPLAYED },
  })
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<ExportRow> {
    refuseInput(request);
    const path = pathOf(request.url);
    return this.exports.start(await this.resources.once(request, reply, () => this.exports.add(path), Exports));
  }

  @Get()
  @RequireAccess('tenant', 'manage', MANAGED)
  @ApiOperation({ operationId: 'tenants_exports_list', summary: 'List the exports of a tenant' })
  @TENANT_ID
  @listed(Exports)
  list(@Req() request: FastifyRequest): Promise<Page<ExportRow>> {
    return this.resources.list(Exports, request);
  }

  @Get(':export_id')
  @RequireAccess('tenant', 'manage', MANAGED)
  @ApiOperation({ operationId: 'tenants_exports_get', summary: 'Get an export of a tenant, with how far it is' })
  @TENANT_ID
  @EXPORT_ID
  @ifNoneMatch
  @ApiResponse({ status: 200, description: 'The export', type: ExportRow, headers: ETAG })
  @ApiResponse({ status: 304, description: 'You have the current version' })
  get(
    @Param('export_id', UuidPipe) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ExportRow | undefined> {
    return this.resources.get(Exports, id, request, reply);
  }

  @Get(':export_id/download')
  @RequireAccess('tenant', 'manage', MANAGED)
  @ApiOperation({
    operationId: 'tenants_exports_download',
    summary: 'Download an export that is ready',
    description: 'For tenantry tenant:restore. People are in it with the hashes of their passwords.',
  })
  @TENANT_ID
  @EXPORT_ID
  @ifNoneMatch
  @CONFLICT
  @FILE
  @ApiResponse({ status: 304, description: 'You have it' })
  async download(
    @Param('export_id', UuidPipe) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable | undefined> {
    refuseQuery(request);
    const { name, bytes, checksum, open } = await this.exports.download(id);
    void reply.header('etag', etagOf(checksum));
    const known = request.headers['if-none-match'];
    if (known !== undefined && noneMatchHolds(known, checksum)) {
      void reply.code(304);
      return undefined;
    }
    void reply.headers({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${name}"`,
      'content-length': String(bytes),
    });
    // whoever asks for the headers alone takes nothing away
    return request.method === 'HEAD' ? Readable.from([]) : open();
  }
}
