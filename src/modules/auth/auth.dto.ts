import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { IsId } from '../../platform/resources/index.js';

const RECORD_SCOPES = ['all', 'team', 'own'];

/** Who signs in: by e-mail or by username, which needs a tenant. */
export class LoginInput {
  /**
   * Without a tenant it is looked for in all of them
   * @example admin@testcorp.com
   */
  @IsOptional()
  @IsString()
  @Length(1, 255)
  email?: string | null;

  /** @example admin */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  username?: string | null;

  /** @example password123 */
  @IsString()
  @Length(1, 255)
  password: string;

  /**
   * Needed with a username, and where several tenants know the same address and password
   * @example testcorp
   */
  @IsOptional()
  @IsString()
  @Length(1, 50)
  tenant_code?: string | null;

  /** The second factor, where the account has one */
  @IsOptional()
  @IsString()
  @MaxLength(20)
  otp?: string | null;
}

/** The token of the last sign-in or refresh. It is good once. */
export class RefreshInput {
  /** @example hVbqkRz1m2s9Yw8sT0u4Xn6cA3eF5gJ7kL9oP1qR2tU */
  @IsString()
  @Length(1, 255)
  refresh_token: string;
}

/** The tenant to go to: by exactly one of the two. */
export class SwitchTenantInput {
  /** @example testcorp */
  @IsOptional()
  @IsString()
  @Length(1, 50)
  tenant_code?: string | null;

  @IsOptional() @IsId() tenant_id?: string | null;
}

/** The person who signed in. */
export class SignedInUser {
  /** @example 01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11 */
  id: string;
  /** null: a platform user */
  tenant_id: string | null;
  /** @example testcorp */
  tenant_code: string | null;
  /** @example admin */
  username: string;
  /** @example admin@testcorp.com */
  email: string;
  /** Where none was given, first and last name */
  full_name: string | null;
  first_name: string | null;
  last_name: string | null;
  phone: string | null;
  avatar_url: string | null;
  @ApiProperty({ enum: ['active', 'inactive', 'suspended'] })
  status: string;
  is_email_verified: boolean;
  /** What the person's clients keep here, as they put it */
  @ApiProperty({ type: 'object', additionalProperties: true })
  preferences: Record<string, unknown>;
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  last_login_at: string | null;
  @ApiProperty({ type: 'string', format: 'date-time' })
  created_at: string;
  version: number;
  /** @example ["admin"] */
  role_codes: string[];
  /** The widest of the roles */
  @ApiProperty({ enum: RECORD_SCOPES })
  record_scope: string;
  /** A platform user with the role super_admin */
  is_superuser: boolean;
  /** Holds the role admin */
  is_company_admin: boolean;
}

/** A session's tokens (RFC 6749, 5.1) and whose it is. */
export class SessionTokens {
  /**
   * Goes into the header Authorization, as Bearer
   * @example eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln
   */
  access_token: string;
  /**
   * Good once, for the next pair
   * @example hVbqkRz1m2s9Yw8sT0u4Xn6cA3eF5gJ7kL9oP1qR2tU
   */
  refresh_token: string;
  /** @example Bearer */
  token_type: string;
  /**
   * Seconds for which the access token is good
   * @example 1800
   */
  expires_in: number;
  user: SignedInUser;
}
