import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsEmailAddress, IsId, IsTags, IsText, StoredRow } from '../../platform/resources/index.js';

/** As long as a username is: it becomes one. */
const EMAIL_LENGTH = 100;

export class CreateInvitation {
  /** Your tenant's own id; another one is refused. May be left out, but for a platform user without X-Tenant. */
  @IsOptional() @IsId() tenant_id?: string;

  /** Becomes the username too. @example 'ada@engines.example' */
  @IsText(EMAIL_LENGTH) @IsEmailAddress() @ApiProperty({ maxLength: EMAIL_LENGTH }) email: string;

  /** Of the tenant or built-in, each below your own. @example ['user'] */
  @IsTags() role_codes: string[];

  /** The superior, a member whom you may see. An executive needs one. */
  @IsOptional() @IsId() reports_to_id?: string | null;
}

/** An invitation, whatever has become of it. Its token is in its mail alone. */
export class InvitationRow extends StoredRow {
  tenant_id: string;
  /** Always `invitation`. */
  purpose: string;
  /** @example 'ada@engines.example' */
  email: string;
  /** What a new user will get. */
  @ApiProperty({ type: 'array', items: { type: 'string' }, example: ['user'] }) role_codes: string[];
  /** Who was made before he was invited: he is inactive until he accepts. */
  user_id: string | null;
  reports_to_id: string | null;
  /** null: the system */
  invited_by: string | null;
  @ApiProperty({ type: 'string', enum: ['pending', 'accepted', 'revoked', 'expired'] }) status: string;
  /** Until when it can be accepted. */
  expires_at: string;
  /** When it was accepted. */
  used_at: string | null;
  revoked_at: string | null;
}
