import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import { RequireAccess } from '../../../platform/access/index.js';
import { pathOf, UuidPipe } from '../../../platform/http/index.js';
import { refuseQuery, Resources } from '../../../platform/resources/index.js';
import { UserOperation } from '../openapi.js';
import { shortList, ShortListQuery, windowOf } from '../short-list.js';
import { Users } from '../users.js';
import { GiveRole, UserRolePage, UserRoleRow } from './user-role.dto.js';
import { UserRolesService } from './user-roles.service.js';

@Controller('users/:user_id/roles')
export class UserRolesController {
  constructor(
    private readonly roles: UserRolesService,
    private readonly resources: Resources,
  ) {}

  @Get()
  @RequireAccess('user', 'read')
  @UserOperation('user_roles_list', 'List the roles of a member')
  @ShortListQuery()
  @ApiResponse({ status: 200, description: 'Those that he holds', type: UserRolePage })
  async list(@Param('user_id', UuidPipe) userId: string, @Req() { url }: Request): Promise<UserRolePage> {
    windowOf(url);
    return shortList(url, await this.roles.list(userId));
  }

  @Post()
  @RequireAccess('role', 'manage')
  @UserOperation('user_roles_give', 'Give a member a role', {
    description:
      'Nobody gives a role as high as his own, to himself, or to somebody who stands as high. An admin makes admins.',
  })
  @ApiResponse({ status: 201, description: 'He holds it now', type: UserRoleRow })
  @ApiResponse({ status: 200, description: 'He held it already', type: UserRoleRow })
  give(
    @Param('user_id', UuidPipe) userId: string,
    @Body() { role_id: roleId }: GiveRole,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<UserRoleRow> {
    refuseQuery(request);
    const give = async () => {
      const { row, isNew } = await this.roles.give(userId, roleId);
      return isNew
        ? { status: 201, body: row, location: `${pathOf(request.url)}/${row.id}` }
        : { status: 200, body: row };
    };
    return this.resources.once(request, reply, give, Users);
  }

  @Delete(':role_id')
  @HttpCode(204)
  @RequireAccess('role', 'manage')
  @UserOperation('user_roles_take', 'Take a role from a member', { also: ['role_id'] })
  @ApiResponse({ status: 204, description: 'He holds it no more' })
  async take(
    @Param('user_id', UuidPipe) userId: string,
    @Param('role_id', UuidPipe) roleId: string,
    @Req() request: Request,
  ): Promise<void> {
    refuseQuery(request);
    await this.roles.take(userId, roleId);
  }
}
