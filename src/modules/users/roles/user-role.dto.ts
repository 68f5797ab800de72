import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '../../../platform/resources/index.js';

export class GiveRole {
  /** A role of the tenant, or a built-in one. */
  @IsId() role_id: string;
}

/** A role that a member holds. */
export class UserRoleRow {
  /** The role's. @example '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' */
  id: string;
  /** The same. @example '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' */
  role_id: string;
  /** Who holds it. */
  user_id: string;
  /** @example 'editor' */
  role_code: string;
  /** @example 'Editor' */
  role_name: string;
  /** Authority, 0 to 100. @example 20 */
  @ApiProperty({ type: 'integer' }) priority: number;
  @ApiProperty({ enum: ['admin', 'user', 'both'] }) role_type: string;
  @ApiProperty({ enum: ['all', 'team', 'own'] }) record_scope: string;
  requires_mfa: boolean;
  /** The same in every tenant. */
  is_built_in: boolean;
  @ApiProperty({ type: 'string', format: 'date-time' }) given_at: string;
  /** null: the system */
  @ApiProperty({ type: 'string', format: 'uuid', nullable: true }) given_by: string | null;
}

export class UserRolePage {
  @ApiProperty({ type: [UserRoleRow], description: 'The highest first' }) items: UserRoleRow[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Always null: it is one list' }) next_cursor:
    string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'With `with_total=true` alone' }) total: number | null;
}
