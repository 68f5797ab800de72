import { Module } from '@nestjs/common';
import { MenuCases } from './menu-cases.js';
import { MenuGroups } from './menu-groups.js';
import { MenuOrder } from './menu-order.js';
import { MenusController } from './menus.controller.js';
import { MenusService } from './menus.service.js';

/** The navigation of a tenant. */
@Module({
  controllers: [MenusController],
  providers: [MenuCases, MenuGroups, MenuOrder, MenusService],
  exports: [MenusService],
})
export class MenusModule {}
