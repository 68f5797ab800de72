import { Body, Controller, Delete, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import { RequireAccess } from '../../platform/access/index.js';
import { UuidPipe } from '../../platform/http/index.js';
import { idempotencyKey, ResourceController } from '../../platform/resources/index.js';
import { GroupMembership } from './group-membership.dto.js';
import { GroupMembersService } from './group-members.js';
import { MembershipRequests } from './membership-requests.js';
import { AddMembers } from './user-group.dto.js';
import { GroupMembers } from './user-groups.js';

const uuid = (name: string) => ApiParam({ name, schema: { type: 'string', format: 'uuid' } });
const headers = { Location: { description: 'The path of the member, or of all', schema: { type: 'string' } } } as const;

@Controller()
export class GroupMembersController extends ResourceController(GroupMembers, {
  service: GroupMembersService,
  routes: ['list', 'get'],
}) {
  constructor(private readonly requests: MembershipRequests) {
    super();
  }

  @Post('user-groups/:group_id/members')
  @RequireAccess('group', 'update')
  @ApiOperation({
    operationId: 'user_group_members_add',
    summary: 'Put members into a group',
    description: 'One by `user_id`, or many by `user_ids`: all of them or none. Those who are in it already stay.',
  })
  @uuid('group_id')
  @idempotencyKey
  @ApiBody({ type: AddMembers })
  @ApiResponse({ status: 201, description: 'The member, or `items`', type: GroupMembership, headers })
  @ApiResponse({ status: 200, description: 'They were in it already', type: GroupMembership, headers })
  add(
    @Param('group_id', UuidPipe) groupId: string,
    @Body() body: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ) {
    return this.requests.add(groupId, body, request, reply);
  }

  @Delete('user-groups/:group_id/members/:user_id')
  @HttpCode(204)
  @RequireAccess('group', 'update')
  @ApiOperation({ operationId: 'user_group_members_remove', summary: 'Take a member out of a group' })
  @uuid('group_id')
  @uuid('user_id')
  @ApiResponse({ status: 204, description: 'He is not in it any more' })
  remove(
    @Param('group_id', UuidPipe) groupId: string,
    @Param('user_id', UuidPipe) userId: string,
    @Req() request: Request,
  ): Promise<void> {
    return this.requests.remove(groupId, userId, request);
  }
}
