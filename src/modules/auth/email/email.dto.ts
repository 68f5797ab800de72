import { IsString, Length } from 'class-validator';

export class VerifyEmailInput {
  /**
   * From the mail
   * @example 3q2-7wT0pXk1m2s9Yw8sT0u4Xn6cA3eF5gJ7kL9oP1q
   */
  @IsString()
  @Length(1, 255)
  token: string;
}
