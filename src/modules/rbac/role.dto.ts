import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsId, IsLongText, IsName, IsOneOf, IsWholeNumber, RestorableRow } from '../../platform/resources/index.js';
import { RECORD_SCOPES, ROLE_TYPES } from './role.entity.js';

/** A tenant's own role. */
export class CreateRole {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;
  /** Compared without regard to case; never that of a built-in role. @example 'custom_admin' */
  @IsName(50) role_code: string;
  /** @example 'Custom Admin' */
  @IsName(100) role_name: string;
  @IsOptional() @IsLongText() description?: string | null;
  /** Authority: below that of whoever makes or changes the role. @example 40 */
  @IsOptional() @IsWholeNumber(0, 100) priority?: number;
  /** Whom it is meant for; nothing follows from it. */
  @IsOptional() @IsOneOf(ROLE_TYPES) role_type?: string;
  /** Whose business records the permissions of the role reach. */
  @IsOptional() @IsOneOf(RECORD_SCOPES) record_scope?: string;
  /** Who holds it needs a second factor to sign in. */
  @IsOptional() @IsBoolean() requires_mfa?: boolean;
}

export class RoleRow extends RestorableRow {
  /** null: built-in, the same for every tenant */
  tenant_id: string | null;
  role_code: string;
  role_name: string;
  description: string | null;
  priority: number;
  role_type: string;
  record_scope: string;
  requires_mfa: boolean;
  /** The same for every tenant, and changed by none. */
  @ApiProperty({ type: 'boolean', example: false }) is_built_in: boolean;
}
