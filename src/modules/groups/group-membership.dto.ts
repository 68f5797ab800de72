import { PartialType } from '@nestjs/swagger';
import { GroupMemberRow } from './user-group.dto.js';

/** A member, or `items` where many were asked for. */
export class GroupMembership extends PartialType(GroupMemberRow) {
  /** In the order of the request. */
  items?: GroupMemberRow[];
}
