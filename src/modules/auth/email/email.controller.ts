import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { Authenticator, Public, SignedIn, type IncomingRequest } from '../../../platform/access/index.js';
import { SESSION_ONLY } from '../session-only.js';
import { VerifyEmailInput } from './email.dto.js';
import { EmailService } from './email.service.js';

@Controller('auth/email')
export class EmailController {
  constructor(
    private readonly emails: EmailService,
    private readonly authenticator: Authenticator,
  ) {}

  @Post('verify')
  @HttpCode(204)
  @Public()
  @ApiOperation({ operationId: 'verifyEmail', summary: 'Confirm an address by a token from a mail' })
  @ApiNoContentResponse({ description: 'The address is verified' })
  async verify(@Body() { token }: VerifyEmailInput): Promise<void> {
    await this.emails.verify(token);
  }

  @Post('resend')
  @HttpCode(202)
  @SignedIn(SESSION_ONLY)
  @ApiOperation({ operationId: 'resendEmail', summary: 'Have a token for the own address mailed again' })
  @ApiResponse({ status: 202, description: 'A mail is on its way, unless the address is verified already' })
  async resend(@Req() request: IncomingRequest): Promise<void> {
    await this.emails.resend(await this.authenticator.verify(request));
  }
}
