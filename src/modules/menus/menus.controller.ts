import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import { RequireAccess, SignedIn } from '../../platform/access/index.js';
import { idempotencyKey, OF_TENANTS, refuseQuery, ResourceController } from '../../platform/resources/index.js';
import { MenuCases } from './menu-cases.js';
import { MenuTree, ReorderedMenus, ReorderMenus } from './menu.dto.js';
import { MenuOrder } from './menu-order.js';
import { Menus } from './menus.js';
import { MenusService } from './menus.service.js';

@Controller()
export class MenusController extends ResourceController(Menus, { service: MenuCases, routes: OF_TENANTS }) {
  constructor(
    private readonly menus: MenusService,
    private readonly order: MenuOrder,
  ) {
    super();
  }

  @Get('menus/me')
  @SignedIn()
  @ApiOperation({
    operationId: 'menus_me',
    summary: 'The menus that you see',
    description: 'A tree, by your permissions and groups and by the modules of your tenant.',
  })
  @ApiResponse({ status: 200, description: 'The tree', type: MenuTree })
  ofCaller(@Req() request: Request): Promise<MenuTree> {
    refuseQuery(request);
    return this.menus.ofCaller();
  }

  @Post('menus/reorder')
  @HttpCode(200)
  @RequireAccess('menu', 'update')
  @ApiOperation({
    operationId: 'menus_reorder',
    summary: 'Put menus in their places',
    description: 'All or nothing. Faults are told at `items.3.parent_id`; what would be no tree, at `items`.',
  })
  @idempotencyKey
  @ApiBody({ type: ReorderMenus })
  @ApiResponse({ status: 200, description: 'The menus where they are now', type: ReorderedMenus })
  reorder(
    @Body() body: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ReorderedMenus> {
    return this.order.reorder(body, request, reply);
  }
}
