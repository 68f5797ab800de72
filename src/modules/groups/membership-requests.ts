import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from '../../platform/http/index.js';
import { postedInput, refuseQuery, Resources } from '../../platform/resources/index.js';
import { type AddedMembers, GroupMembersService } from './group-members.js';
import { AddMembers } from './user-group.dto.js';
import { GroupMembers } from './user-groups.js';

/** Requests about who is in a group, read and answered. */
@Injectable()
export class MembershipRequests {
  constructor(
    private readonly resources: Resources,
    private readonly members: GroupMembersService,
  ) {}

  add(groupId: string, body: unknown, request: FastifyRequest, reply: FastifyReply): Promise<AddedMembers> {
    refuseQuery(request);
    const input = postedInput(AddMembers, body);
    const add = () => this.members.add(groupId, input, pathOf(request.url));
    return this.resources.once(request, reply, add, GroupMembers);
  }

  remove(groupId: string, userId: string, request: FastifyRequest): Promise<void> {
    refuseQuery(request);
    return this.members.remove(groupId, userId);
  }
}
