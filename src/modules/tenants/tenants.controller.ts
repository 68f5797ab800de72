import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PlatformOnly, RequireAccess } from '../../platform/access/index.js';
import { etagOf, pathOf, UuidPipe } from '../../platform/http/index.js';
import {
  type Answer,
  CONFLICT,
  ETAG,
  idempotencyKey,
  ifMatch,
  IN_USE,
  keyOf,
  LOCATION,
  refuseInput,
  refuseQuery,
  REPLAYED,
  ResourceController,
  send,
  STALE,
  type Versions,
  versionsOf,
} from '../../platform/resources/index.js';
import { DomainVerification } from './domain-verification.js';
import { NewTenants } from './new-tenants.js';
import { CreateTenant, TenantRow, VerifyDomain } from './tenant.dto.js';
import { Tenants } from './tenants.js';
import { TenantsService } from './tenants.service.js';

const tenantId = ApiParam({ name: 'tenant_id', schema: { type: 'string', format: 'uuid' } });

@Controller()
export class TenantsController extends ResourceController(Tenants, {
  service: TenantsService,
  routes: ['list', 'export', 'get', 'update'],
}) {
  constructor(
    private readonly tenants: TenantsService,
    private readonly newTenants: NewTenants,
    private readonly domains: DomainVerification,
  ) {
    super();
  }

  @Post('tenants')
  @PlatformOnly()
  @ApiOperation({
    operationId: 'organizations_create',
    summary: 'Make a tenant',
    description: 'With its groups, menus, a board, and an administrator, who is invited by mail.',
  })
  @idempotencyKey
  @ApiBody({ type: CreateTenant })
  @ApiResponse({
    status: 201,
    description: 'The tenant, in service',
    type: TenantRow,
    headers: { ...ETAG, ...LOCATION, ...REPLAYED },
  })
  @ApiResponse({ status: 202, description: 'It is being finished', type: TenantRow, headers: { ...ETAG, ...LOCATION } })
  @CONFLICT
  async provision(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TenantRow> {
    refuseQuery(request);
    return send(reply, await this.newTenants.create(body, pathOf(request.url), keyOf(request)));
  }

  @Get('tenants/code/:code')
  @RequireAccess('tenant', 'read', { tenant: 'optional' })
  @ApiOperation({ operationId: 'organizations_get_by_code', summary: 'Get a tenant by its code' })
  @ApiParam({ name: 'code', schema: { type: 'string', minLength: 2, maxLength: 50, example: 'testcorp' } })
  @ApiOkResponse({ type: TenantRow, description: 'The tenant' })
  async getByCode(
    @Param('code') code: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TenantRow | undefined> {
    return this.resources.get(Tenants, await this.tenants.idByCode(code), request, reply, this.cases);
  }

  @Delete('tenants/:tenant_id')
  @HttpCode(204)
  @PlatformOnly()
  @ApiOperation({
    operationId: 'organizations_delete',
    summary: 'Delete a tenant',
    description:
      'Shut at once, and to be restored until its time of grace is over; then it is purged. Until then its code stays taken.',
  })
  @tenantId
  @ifMatch
  @IN_USE
  @STALE
  @ApiNoContentResponse({ description: 'It is deleted' })
  remove(@Param('tenant_id', UuidPipe) id: string, @Req() request: FastifyRequest): Promise<void> {
    return this.resources.delete(Tenants, id, request, this.cases);
  }

  @Post('tenants/:tenant_id/restore')
  @HttpCode(200)
  @PlatformOnly()
  @ApiOperation({ operationId: 'organizations_restore', summary: 'Restore a deleted tenant' })
  @tenantId
  @ifMatch
  @idempotencyKey
  @CONFLICT
  @STALE
  @ApiResponse({ status: 200, description: 'The tenant, alive', type: TenantRow, headers: { ...ETAG, ...REPLAYED } })
  bringBack(
    @Param('tenant_id', UuidPipe) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TenantRow> {
    return this.resources.restore(Tenants, id, request, reply, this.cases);
  }

  @Post('tenants/:tenant_id/suspend')
  @HttpCode(200)
  @PlatformOnly()
  @ApiOperation({ operationId: 'organizations_suspend', summary: 'Shut a tenant for its people' })
  @tenantId
  @idempotencyKey
  @ifMatch
  @STALE
  @ApiResponse({
    status: 200,
    description: 'The tenant, suspended',
    type: TenantRow,
    headers: { ...ETAG, ...REPLAYED },
  })
  suspend(
    @Param('tenant_id', UuidPipe) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TenantRow> {
    return this.act(request, reply, (versions) => this.tenants.suspend(id, versions));
  }

  @Post('tenants/:tenant_id/activate')
  @HttpCode(200)
  @PlatformOnly()
  @ApiOperation({ operationId: 'organizations_activate', summary: 'Let its people in again' })
  @tenantId
  @idempotencyKey
  @ifMatch
  @STALE
  @ApiResponse({ status: 200, description: 'The tenant, active', type: TenantRow, headers: { ...ETAG, ...REPLAYED } })
  activate(
    @Param('tenant_id', UuidPipe) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TenantRow> {
    return this.act(request, reply, (versions) => this.tenants.activate(id, versions));
  }

  @Post('tenants/:tenant_id/domain/verify')
  @HttpCode(200)
  @RequireAccess('tenant', 'update', { tenant: 'optional' })
  @ApiOperation({
    operationId: 'organizations_domain_verify',
    summary: "Prove that the domain is the tenant's",
    description: 'By a TXT record in the DNS, which the refusal names. From then on the domain names the tenant.',
  })
  @tenantId
  @CONFLICT
  @ApiResponse({
    status: 200,
    description: 'The tenant, with when its domain was verified',
    type: TenantRow,
    headers: ETAG,
  })
  async verify(
    @Param('tenant_id', UuidPipe) id: string,
    @Body() { confirm = false }: VerifyDomain,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TenantRow> {
    return send(reply, answerOf(await this.domains.verify(id, confirm)));
  }

  private act(
    request: FastifyRequest,
    reply: FastifyReply,
    change: (versions: Versions) => Promise<TenantRow>,
  ): Promise<TenantRow> {
    refuseInput(request);
    const versions = versionsOf(request.headers['if-match']);
    return this.resources.once(request, reply, async () => answerOf(await change(versions)), this.tenants.reachable());
  }
}

const answerOf = (row: TenantRow): Answer<TenantRow> => ({ status: 200, body: row, etag: etagOf(row.version) });
