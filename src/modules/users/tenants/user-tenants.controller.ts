import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import { PlatformOnly, SignedIn } from '../../../platform/access/index.js';
import { pathOf, UuidPipe } from '../../../platform/http/index.js';
import { narrowed, refuseQuery, Resources } from '../../../platform/resources/index.js';
import { PlatformUnit } from '../../../platform/tenancy/platform.js';
import { UserOperation } from '../openapi.js';
import { shortList, ShortListQuery, windowOf } from '../short-list.js';
import { Users } from '../users.js';
import { JoinTenant, UserTenantPage, UserTenantRow } from './user-tenant.dto.js';
import { UserTenants } from './user-tenants.js';

@Controller('users/:user_id/tenants')
export class UserTenantsController {
  constructor(
    private readonly tenants: UserTenants,
    private readonly resources: Resources,
    private readonly platform: PlatformUnit,
  ) {}

  @Get()
  @SignedIn({ tenant: 'optional' })
  @UserOperation('user_tenants_list', 'List the tenants of a person', { description: 'For himself, or the platform.' })
  @ShortListQuery()
  @ApiResponse({ status: 200, description: 'His memberships', type: UserTenantPage })
  async list(@Param('user_id', UuidPipe) userId: string, @Req() { url }: Request): Promise<UserTenantPage> {
    windowOf(url);
    return shortList(url, await this.tenants.list(userId));
  }

  @Post()
  @PlatformOnly({ tenant: 'optional' })
  @UserOperation('user_tenants_join', 'Make a person a guest of a tenant', {
    description: 'With a role there. People become guests by invitations; this is the platform’s way.',
  })
  @ApiResponse({ status: 201, description: 'He is a guest now', type: UserTenantRow })
  @ApiResponse({ status: 200, description: 'He was a member already, and has the role', type: UserTenantRow })
  join(
    @Param('user_id', UuidPipe) userId: string,
    @Body() { tenant_id: tenantId, role_code: roleCode }: JoinTenant,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<UserTenantRow> {
    refuseQuery(request);
    const join = async () => {
      const { row, isNew } = await this.tenants.join(userId, tenantId.toLowerCase(), roleCode);
      return isNew
        ? { status: 201, body: row, location: `${pathOf(request.url)}/${row.tenant_id}` }
        : { status: 200, body: row };
    };
    return this.resources.once(request, reply, join, narrowed(Users, { unit: this.platform }));
  }

  @Delete(':tenant_id')
  @HttpCode(204)
  @PlatformOnly({ tenant: 'optional' })
  @UserOperation('user_tenants_leave', 'End a guest’s membership', { also: ['tenant_id'] })
  @ApiResponse({ status: 204, description: 'He is no member there any more' })
  async leave(
    @Param('user_id', UuidPipe) userId: string,
    @Param('tenant_id', UuidPipe) tenantId: string,
    @Req() request: Request,
  ): Promise<void> {
    refuseQuery(request);
    await this.tenants.leave(userId, tenantId);
  }
}
