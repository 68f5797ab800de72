import { IsOptional, IsString, Length } from 'class-validator';
import { IsEmailAddress } from '../../../platform/resources/index.js';

/** The old password proves who asks; the new one is held to the rules. */
export class ChangePasswordInput {
  /** @example my_old_password */
  @IsString()
  @Length(1, 255)
  current_password: string;

  /**
   * At least 8 characters, at most 72 bytes, and not among the commonest
   * @example secure_password_123
   */
  @IsString()
  @Length(1, 255)
  new_password: string;
}

export class ForgotPasswordInput {
  /** @example viewer@testcorp.com */
  @IsEmailAddress()
  email: string;

  /**
   * Without it each account of the address gets a mail
   * @example testcorp
   */
  @IsOptional()
  @IsString()
  @Length(1, 50)
  tenant_code?: string | null;
}

export class ResetPasswordInput {
  /**
   * From the mail
   * @example 3q2-7wT0pXk1m2s9Yw8sT0u4Xn6cA3eF5gJ7kL9oP1q
   */
  @IsString()
  @Length(1, 255)
  token: string;

  /**
   * At least 8 characters, at most 72 bytes, and not among the commonest
   * @example secure_password_123
   */
  @IsString()
  @Length(1, 255)
  password: string;
}
