import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import type { FastifyRequest as Request } from 'fastify';
import type { Page } from '../../common/pagination.js';
import { SignedIn } from '../../platform/access/index.js';
import { UuidPipe } from '../../platform/http/index.js';
import { listed, queryOf } from '../../platform/resources/index.js';
import type { UserGroupRow } from './user-group.dto.js';
import { UserGroups } from './user-groups.js';
import { UserGroupsService } from './user-groups.service.js';

@Controller()
export class GroupsOfUserController {
  constructor(private readonly groups: UserGroupsService) {}

  @Get('users/:user_id/groups')
  @SignedIn()
  @ApiOperation({
    operationId: 'users_groups_list',
    summary: 'List the groups of a user',
    description: 'One’s own, or with `user_read` those of others. The group of all members is among them.',
  })
  @ApiParam({ name: 'user_id', schema: { type: 'string', format: 'uuid' } })
  @listed(UserGroups)
  list(@Param('user_id', UuidPipe) userId: string, @Req() request: Request): Promise<Page<UserGroupRow>> {
    return this.groups.groupsOfReachable(userId, queryOf(request.url));
  }
}
