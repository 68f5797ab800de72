import { Module } from '@nestjs/common';
import { PermissionsController } from './permissions.controller.js';
import { PermissionsService } from './permissions.service.js';
import { RolePermissions } from './role-permissions.js';
import { RolesController } from './roles.controller.js';
import { RolesService } from './roles.service.js';

/** Roles and permissions: what there is to be held. Who holds it is the users' feature. */
@Module({
  controllers: [RolesController, PermissionsController],
  providers: [RolesService, RolePermissions, PermissionsService],
  exports: [RolesService],
})
export class RbacModule {}
