import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from '../../common/pagination.js';
import { RequireAccess } from '../../platform/access/index.js';
import { UuidPipe } from '../../platform/http/index.js';
import { LOCATION, listed, PLAIN, queryOf, ResourceController, sendLink } from '../../platform/resources/index.js';
import type { PermissionRow } from './permission.dto.js';
import { Permissions } from './permissions.js';
import { AddRolePermission, RolePermissionRow } from './role-permission.dto.js';
import { RolePermissions } from './role-permissions.js';
import { Roles } from './roles.js';
import { RolesService } from './roles.service.js';

const uuid = (name: string) => ApiParam({ name, schema: { type: 'string', format: 'uuid' } });

@Controller()
export class RolesController extends ResourceController(Roles, { service: RolesService, routes: PLAIN }) {
  constructor(private readonly links: RolePermissions) {
    super();
  }

  @Get('roles/:role_id/permissions')
  @RequireAccess('role', 'read')
  @ApiOperation({ operationId: 'roles_permissions_list', summary: 'List the permissions that a role gives' })
  @uuid('role_id')
  @listed(Permissions)
  listPermissions(
    @Param('role_id', UuidPipe) roleId: string,
    @Req() { url }: FastifyRequest,
  ): Promise<Page<PermissionRow>> {
    return this.links.list(roleId, queryOf(url));
  }

  @Post('roles/:role_id/permissions')
  @RequireAccess('role', 'update')
  @ApiOperation({
    operationId: 'roles_permissions_add',
    summary: 'Let a role give a permission',
    description: 'One that you hold yourself, to a role below your own.',
  })
  @uuid('role_id')
  @ApiResponse({ status: 201, description: 'It gives it now', type: RolePermissionRow, headers: LOCATION })
  @ApiResponse({ status: 200, description: 'It gave it already', type: RolePermissionRow })
  async addPermission(
    @Param('role_id', UuidPipe) roleId: string,
    @Body() { permission_id }: AddRolePermission,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RolePermissionRow> {
    return sendLink(request, reply, await this.links.add(roleId, permission_id), permission_id);
  }

  @Delete('roles/:role_id/permissions/:permission_id')
  @HttpCode(204)
  @RequireAccess('role', 'update')
  @ApiOperation({ operationId: 'roles_permissions_remove', summary: 'Let a role no longer give a permission' })
  @uuid('role_id')
  @uuid('permission_id')
  @ApiNoContentResponse({ description: 'It does not give it any more' })
  removePermission(
    @Param('role_id', UuidPipe) roleId: string,
    @Param('permission_id', UuidPipe) permissionId: string,
  ): Promise<void> {
    return this.links.remove(roleId, permissionId);
  }
}
