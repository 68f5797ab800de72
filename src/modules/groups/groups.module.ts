import { Module } from '@nestjs/common';
import { UsersModule } from '../users/index.js';
import { GroupMembersController } from './group-members.controller.js';
import { GroupMembersService } from './group-members.js';
import { GroupUses } from './group-uses.js';
import { GroupsOfUserController } from './groups-of-user.controller.js';
import { MembershipRequests } from './membership-requests.js';
import { RegularUsers } from './regular-users.js';
import { UserGroupCases } from './user-group-cases.js';
import { UserGroupsController } from './user-groups.controller.js';
import { UserGroupsService } from './user-groups.service.js';

/** Groups of a tenant's members: menus and boards name them. */
@Module({
  imports: [UsersModule],
  controllers: [UserGroupsController, GroupMembersController, GroupsOfUserController],
  providers: [GroupUses, UserGroupCases, GroupMembersService, MembershipRequests, RegularUsers, UserGroupsService],
  exports: [GroupUses, UserGroupsService],
})
export class GroupsModule {}
