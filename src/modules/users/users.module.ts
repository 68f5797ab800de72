import { Module } from '@nestjs/common';
import { LastAdmins } from './last-admins.js';
import { Members } from './members.js';
import { NewMembers } from './new-members.js';
import { NewUsers } from './new-users.js';
import { RoleLookup } from './role-lookup.js';
import { UserRolesController } from './roles/user-roles.controller.js';
import { UserRoles } from './roles/user-roles.js';
import { Superiors } from './superiors.js';
import { UserCases } from './user-cases.js';
import { UserChanges } from './user-changes.js';
import { UserRemoval } from './user-removal.js';
import { UsersController } from './users.controller.js';
import './users.problems.js';

/** The members of tenants. */
@Module({
  controllers: [UsersController, UserRolesController],
  providers: [
    ...[Members, LastAdmins, RoleLookup, Superiors, NewMembers, NewUsers],
    ...[UserChanges, UserRemoval, UserCases, UserRoles],
  ],
  exports: [NewMembers, RoleLookup],
})
export class UsersModule {}
