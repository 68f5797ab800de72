import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { Authenticator, Public, SignedIn, type IncomingRequest } from '../../../platform/access/index.js';
import { SESSION_ONLY } from '../session-only.js';
import { PasswordRequests } from './password-requests.js';
import { ChangePasswordInput, ForgotPasswordInput, ResetPasswordInput } from './password.dto.js';
import { PasswordService } from './password.service.js';

@Controller('auth/password')
export class PasswordController {
  constructor(
    private readonly passwords: PasswordService,
    private readonly requests: PasswordRequests,
    private readonly authenticator: Authenticator,
  ) {}

  @Post('change')
  @HttpCode(204)
  @SignedIn(SESSION_ONLY)
  @ApiOperation({
    operationId: 'changePassword',
    summary: "Change the caller's password",
    description: 'His other sessions end, in every tenant; this one goes on.',
  })
  @ApiNoContentResponse({ description: 'The new password holds' })
  async change(@Body() input: ChangePasswordInput, @Req() request: IncomingRequest): Promise<void> {
    await this.passwords.change(await this.authenticator.verify(request), input);
  }

  @Post('forgot')
  @HttpCode(202)
  @Public()
  @ApiOperation({
    operationId: 'forgotPassword',
    summary: 'Have a token for a new password mailed',
    description: 'The answer is the same whether or not the address has an account.',
  })
  @ApiResponse({ status: 202, description: 'If there is such an account, a mail is on its way' })
  async forgot(@Body() input: ForgotPasswordInput, @Req() request: IncomingRequest): Promise<void> {
    await this.requests.request(input, request);
  }

  @Post('reset')
  @HttpCode(204)
  @Public()
  @ApiOperation({
    operationId: 'resetPassword',
    summary: 'Set a new password by a token from a mail',
    description: 'The token is good once. All sessions of the person end.',
  })
  @ApiNoContentResponse({ description: 'The new password holds' })
  async reset(@Body() input: ResetPasswordInput): Promise<void> {
    await this.passwords.reset(input);
  }
}
