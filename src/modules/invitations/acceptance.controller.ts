import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Conflict } from '../../common/problem.js';
import { Public, type IncomingRequest } from '../../platform/access/index.js';
import { ApiRefusal, SessionTokens } from '../auth/index.js';
import { AcceptInvitationInput } from './acceptance.dto.js';
import { Acceptance } from './acceptance.js';

@Controller('auth/invitations')
export class AcceptanceController {
  constructor(private readonly acceptance: Acceptance) {}

  @Post('accept')
  @HttpCode(200)
  @Public()
  @ApiOperation({
    operationId: 'acceptInvitation',
    summary: 'Accept an invitation by the token from its mail',
    description:
      'The token is good once. It makes an account, or activates the one that waits for it. Whoever sends the access ' +
      'token of an account of the same address in another tenant becomes a guest instead. Answers a session in the tenant.',
  })
  @ApiOkResponse({ type: SessionTokens, description: "The session's tokens" })
  @ApiRefusal(Conflict, 'The address is a member’s already')
  accept(@Body() input: AcceptInvitationInput, @Req() request: IncomingRequest): Promise<SessionTokens> {
    return this.acceptance.accept(input, request);
  }
}
