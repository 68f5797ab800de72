import { IsOptional, IsString, Length } from 'class-validator';
import { IsName } from '../../platform/resources/index.js';

export class AcceptInvitationInput {
  /**
   * From the mail
   * @example 3q2-7wT0pXk1m2s9Yw8sT0u4Xn6cA3eF5gJ7kL9oP1q
   */
  @IsString()
  @Length(1, 255)
  token: string;

  /**
   * At least 8 characters, at most 72 bytes, and not among the commonest. Required, but of whoever is signed in with an
   * account of the invited address: he keeps his, and must not give one.
   * @example secure_password_123
   */
  @IsOptional()
  @IsString()
  @Length(1, 255)
  password?: string | null;

  /** Of a new account alone. @example 'Ada Lovelace' */
  @IsOptional() @IsName(100) full_name?: string | null;
}
