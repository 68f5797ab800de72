import { Module } from '@nestjs/common';
import { LastAdmins } from './last-admins.js';
import { Members } from './members.js';
import { UserModulesController } from './modules/user-modules.controller.js';
import { UserModules } from './modules/user-modules.js';
import { NewMembers } from './new-members.js';
import { NewUsers } from './new-users.js';
import { UserGrants } from './permissions/user-grants.js';
import { UserPermissionsController } from './permissions/user-permissions.controller.js';
import { UserRights } from './permissions/user-rights.js';
import { RoleLookup } from './role-lookup.js';
import { UserRolesController } from './roles/user-roles.controller.js';
import { UserRolesService } from './roles/user-roles.service.js';
import { Superiors } from './superiors.js';
import { UserTenantsController } from './tenants/user-tenants.controller.js';
import { UserTenants } from './tenants/user-tenants.js';
import { UserCases } from './user-cases.js';
import { UserChanges } from './user-changes.js';
import { UserRemoval } from './user-removal.js';
import { UsersController } from './users.controller.js';
import './users.problems.js';
import { UsersService } from './users.service.js';

/** The members of tenants: who they are, what they hold, where they belong. */
@Module({
  controllers: [
    UsersController,
    UserRolesController,
    UserPermissionsController,
    UserModulesController,
    UserTenantsController,
  ],
  providers: [
    ...[Members, LastAdmins, RoleLookup, Superiors, NewMembers, NewUsers],
    ...[UserChanges, UserRemoval, UserCases, UsersService],
    ...[UserRolesService, UserRights, UserGrants, UserModules, UserTenants],
  ],
  exports: [NewMembers, RoleLookup, UsersService, UserRolesService],
})
export class UsersModule {}
