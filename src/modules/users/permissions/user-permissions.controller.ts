import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import { RequireAccess, SignedIn } from '../../../platform/access/index.js';
import { pathOf, UuidPipe } from '../../../platform/http/index.js';
import { refuseQuery, Resources } from '../../../platform/resources/index.js';
import { CoreUnit } from '../../../platform/tenancy/index.js';
import { UserOperation } from '../openapi.js';
import { shortList, ShortListQuery, windowOf } from '../short-list.js';
import { Users } from '../users.js';
import { EffectivePermissionPage, GrantPage, GrantPermission, GrantRow } from './user-permission.dto.js';
import { UserGrants } from './user-grants.js';
import { UserRights } from './user-rights.js';

const WHO = 'By who manages users. A manager: to those under him, what submodules of his own modules need.';

@Controller('users/:user_id/permissions')
export class UserPermissionsController {
  constructor(
    private readonly rights: UserRights,
    private readonly grants: UserGrants,
    private readonly resources: Resources,
    private readonly core: CoreUnit,
  ) {}

  @Get()
  @SignedIn()
  @UserOperation('user_permissions_list', 'What a member may do, and why', {
    description: 'For himself, or with user_read. What a permission implies is told with it.',
  })
  @ApiResponse({ status: 200, description: 'In the order of the registry', type: EffectivePermissionPage })
  async list(@Param('user_id', UuidPipe) userId: string, @Req() request: Request): Promise<EffectivePermissionPage> {
    refuseQuery(request);
    const items = await this.rights.list(userId);
    return { items, next_cursor: null, total: null };
  }

  @Get('grants')
  @RequireAccess('user', 'update')
  @UserOperation('user_grants_list', 'List what was granted to a member directly', { description: WHO })
  @ShortListQuery()
  @ApiResponse({ status: 200, description: 'By code', type: GrantPage })
  async listGrants(@Param('user_id', UuidPipe) userId: string, @Req() { url }: Request): Promise<GrantPage> {
    windowOf(url);
    return shortList(url, await this.grants.list(userId));
  }

  @Post('grants')
  @RequireAccess('user', 'update')
  @UserOperation('user_grants_give', 'Grant a member a permission', {
    description: `${WHO} Nobody grants what he does not hold himself.`,
  })
  @ApiResponse({ status: 201, description: 'He has it now', type: GrantRow })
  @ApiResponse({ status: 200, description: 'He had it already; its end is the one that was sent', type: GrantRow })
  grant(
    @Param('user_id', UuidPipe) userId: string,
    @Body() { permission_id: id, expires_at: end }: GrantPermission,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<GrantRow> {
    refuseQuery(request);
    const expiresAt = end === undefined || end === null ? null : new Date(end);
    const grant = async () => {
      const { row, isNew } = await this.grants.grant(userId, id.toLowerCase(), expiresAt);
      return isNew
        ? { status: 201, body: row, location: `${pathOf(request.url)}/${row.id}` }
        : { status: 200, body: row };
    };
    return this.resources.once(request, reply, grant, Users);
  }

  @Delete('grants/:permission_id')
  @HttpCode(204)
  @RequireAccess('user', 'update')
  @UserOperation('user_grants_take', 'Take back what was granted to a member', {
    description: WHO,
    also: ['permission_id'],
  })
  @ApiResponse({ status: 204, description: 'He has it no more, unless a role gives it' })
  async revoke(
    @Param('user_id', UuidPipe) userId: string,
    @Param('permission_id', UuidPipe) permissionId: string,
    @Req() request: Request,
  ): Promise<void> {
    refuseQuery(request);
    await this.core.transaction(() => this.grants.revoke(userId, permissionId));
  }
}
