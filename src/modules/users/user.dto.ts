import { ApiProperty, OmitType, PartialType } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import {
  IsEmailAddress,
  IsFreeForm,
  IsId,
  IsName,
  IsPhone,
  IsTags,
  IsWebAddress,
  RestorableRow,
} from '../../platform/resources/index.js';

export class CreateUser {
  /** Your tenant's own id; another one is refused. May be left out, but for a platform user without X-Tenant. */
  @IsOptional() @IsId() tenant_id?: string;

  /** Unique in the tenant, in whatever case. @example 'ada' */
  @IsName(100) username: string;

  /** Unique in the tenant, in whatever case. @example 'ada@engines.example' */
  @IsEmailAddress() email: string;

  /**
   * At least 8 characters, at most 72 bytes, and not among the commonest leaked ones. Without one the user is inactive
   * until he accepts his invitation.
   * @example 'secure_password_123'
   */
  @ApiProperty({ type: 'string', nullable: true, minLength: 8, maxLength: 72 })
  @IsOptional()
  @IsString()
  password?: string | null;

  /** First and last name, when left out. @example 'Ada Lovelace' */
  @IsOptional() @IsName(100) full_name?: string | null;

  /** @example 'Ada' */
  @IsOptional() @IsName(100) first_name?: string | null;

  /** @example 'Lovelace' */
  @IsOptional() @IsName(100) last_name?: string | null;

  /** @example '+44 20 7946 0018' */
  @IsOptional() @IsPhone() phone?: string | null;

  @IsOptional() @IsWebAddress() avatar_url?: string | null;

  /** What the person's clients keep here, given back as it came. */
  @IsOptional() @IsFreeForm() preferences?: Record<string, unknown>;

  /** Of the tenant or built-in, each below your own. Without them he has no role. @example ['user'] */
  @IsOptional() @IsTags() role_codes?: string[] | null;

  /** His superior, a member whom you may see. An executive needs one. */
  @IsOptional() @IsId() reports_to_id?: string | null;
}

/** Of a guest `reports_to_id` alone: the rest is his home's. */
export class UpdateUser extends PartialType(OmitType(CreateUser, ['tenant_id', 'password', 'role_codes'] as const)) {}

/** A member as his tenant sees him: at home here, or a guest. */
export class UserRow extends RestorableRow {
  tenant_id: string;
  /** @example 'ada' */
  username: string;
  /** @example 'ada@engines.example' */
  email: string;
  /** First and last name, where none was given. @example 'Ada Lovelace' */
  full_name: string | null;
  /** @example 'Ada' */
  first_name: string | null;
  /** @example 'Lovelace' */
  last_name: string | null;
  /** @example '+44 20 7946 0018' */
  phone: string | null;
  avatar_url: string | null;
  /** Of a guest: as it holds in this tenant. */
  status: string;
  is_email_verified: boolean;
  last_login_at: string | null;
  /** Until when sign-in is refused after too many failures. */
  locked_until: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true }) preferences: Record<string, unknown>;
  /** His superior in this tenant. */
  @ApiProperty({ type: 'string', format: 'uuid', nullable: true }) reports_to_id: string | null;
  @ApiProperty({ type: 'string', format: 'date-time' }) joined_at: string;
  /** At home in another tenant. */
  @ApiProperty({ type: 'boolean' }) is_guest: boolean;
  /** The highest first. */
  @ApiProperty({ type: 'array', items: { type: 'string' }, example: ['admin'] }) role_codes: string[];
  /** The widest of his roles. */
  @ApiProperty({ type: 'string', enum: ['all', 'team', 'own'] }) record_scope: string;
  /** Only a platform user can be. */
  @ApiProperty({ type: 'boolean', example: false }) is_superuser: boolean;
  /** Holds the built-in role `admin`. */
  @ApiProperty({ type: 'boolean' }) is_company_admin: boolean;
}
