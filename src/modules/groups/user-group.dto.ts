import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import {
  IsFreeForm,
  IsId,
  IsIds,
  IsLongText,
  IsName,
  IsWholeNumber,
  RestorableRow,
  StoredRow,
} from '../../platform/resources/index.js';

const MAX_CODE = 50;
const MAX_NAME = 100;
/** Members who are added at once. */
const MAX_MEMBERS = 500;

export class CreateUserGroup {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;

  /** Unique in the tenant, without regard to case. @example gold_members */
  @IsName(MAX_CODE) group_code: string;

  /** @example 'Gold Members' */
  @IsName(MAX_NAME) group_name: string;

  @IsOptional() @IsLongText() description?: string | null;

  /** @example 30 */
  @IsOptional() @IsWholeNumber(0) priority?: number;

  /** Free-form data of yours, given back as it came. */
  @IsOptional() @IsFreeForm() settings?: Record<string, unknown>;
}

export class UserGroupRow extends RestorableRow {
  tenant_id: string;
  /** @example gold_members */
  group_code: string;
  /** @example 'Gold Members' */
  group_name: string;
  description: string | null;
  /** @example 30 */
  priority: number;
  /** `system`: made with the tenant, neither renamed nor deleted */
  group_type: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) settings: Record<string, unknown>;
}

/** One or many: one of the two. */
export class AddMembers {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;

  /** A member of the tenant. */
  @IsOptional() @IsId() user_id?: string | null;

  /** Members of the tenant: all of them, or none. */
  @IsOptional() @IsIds(1, MAX_MEMBERS) user_ids?: string[] | null;
}

/** Somebody in a group. A link never changes: its version stays 1. */
export class GroupMemberRow extends StoredRow {
  tenant_id: string;
  group_id: string;
  /** The same as `id`. */
  user_id: string;
  /** null for a caller without `user_read` */
  username: string | null;
  /** null for a caller without `user_read` */
  email: string | null;
  full_name: string | null;
  avatar_url: string | null;
}
