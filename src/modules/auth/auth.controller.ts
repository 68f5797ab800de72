import { Body, Controller, Get, HttpCode, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  InvalidCredentials,
  NotFound,
  Stale,
  TenantChoiceRequired,
  TenantSuspended,
  Unauthenticated,
} from '../../common/problem.js';
import { Authenticator, Public, SignedIn, type IncomingRequest } from '../../platform/access/index.js';
import { ApiRefusal } from './api-refusal.js';
import { LoginInput, RefreshInput, SessionTokens, SignedInUser, SwitchTenantInput } from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { Me, UpdateMe } from './me.dto.js';
import { MeService } from './me.service.js';
import { SESSION_ONLY } from './session-only.js';

@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly me: MeService,
    private readonly authenticator: Authenticator,
  ) {}

  @Post('login')
  @HttpCode(200)
  @Public()
  @ApiOperation({ operationId: 'login', summary: 'Sign in by e-mail, or by username within a tenant' })
  @ApiBody({
    type: LoginInput,
    examples: {
      email: { summary: 'By e-mail', value: { email: 'admin@testcorp.com', password: 'password123' } },
      username: {
        summary: 'By username',
        value: { username: 'admin', tenant_code: 'testcorp', password: 'password123' },
      },
    },
  })
  @ApiOkResponse({ type: SessionTokens, description: "The session's tokens" })
  @ApiRefusal(InvalidCredentials, 'No living account has these credentials')
  @ApiRefusal(TenantSuspended, 'The password is right, the tenant is suspended')
  @ApiRefusal(TenantChoiceRequired, 'The password is right in several tenants', { tenant_codes: ['acme', 'globex'] })
  login(@Body() input: LoginInput, @Req() request: IncomingRequest): Promise<SessionTokens> {
    return this.auth.login(input, request);
  }

  @Post('refresh')
  @HttpCode(200)
  @Public()
  @ApiOperation({
    operationId: 'refresh',
    summary: 'Exchange a refresh token for the next pair',
    description:
      'A token is good once. It may come again within 10 seconds, for two tabs that refresh at once; later its whole session is revoked.',
  })
  @ApiOkResponse({ type: SessionTokens, description: 'The next tokens of the session' })
  @ApiRefusal(Unauthenticated, 'The token is unknown, expired, revoked or used up')
  @ApiRefusal(TenantSuspended, 'The tenant is suspended')
  refresh(@Body() { refresh_token }: RefreshInput): Promise<SessionTokens> {
    return this.auth.refresh(refresh_token);
  }

  @Post('logout')
  @HttpCode(204)
  @SignedIn(SESSION_ONLY)
  @ApiOperation({ operationId: 'logout', summary: 'End this session' })
  @ApiNoContentResponse({ description: 'Its tokens are worth nothing any more, on any node' })
  async logout(@Req() request: IncomingRequest): Promise<void> {
    await this.auth.logout(await this.authenticator.verify(request));
  }

  @Post('logout-all')
  @HttpCode(204)
  @SignedIn(SESSION_ONLY)
  @ApiOperation({ operationId: 'logoutAll', summary: 'End all sessions of the caller, in every tenant' })
  @ApiNoContentResponse({ description: 'None of his tokens is worth anything any more' })
  async logoutAll(@Req() request: IncomingRequest): Promise<void> {
    await this.auth.logoutAll(await this.authenticator.verify(request));
  }

  @Post('switch-tenant')
  @HttpCode(200)
  @SignedIn(SESSION_ONLY)
  @ApiOperation({
    operationId: 'switchTenant',
    summary: 'Begin a session in another tenant of mine',
    description:
      'By its code or its id. The present session goes on. A platform user names tenants by X-Tenant instead.',
  })
  @ApiBody({
    type: SwitchTenantInput,
    examples: {
      code: { summary: 'By its code', value: { tenant_code: 'testcorp' } },
      id: { summary: 'By its id', value: { tenant_id: '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' } },
    },
  })
  @ApiOkResponse({ type: SessionTokens, description: 'The tokens of the session in that tenant' })
  @ApiRefusal(TenantSuspended, 'The tenant is suspended')
  @ApiRefusal(NotFound, 'There is no such tenant, or you are no member of it')
  async switchTenant(@Body() input: SwitchTenantInput, @Req() request: IncomingRequest): Promise<SessionTokens> {
    return this.auth.switchTenant(await this.authenticator.verify(request), input);
  }

  @Patch('me')
  @SignedIn(SESSION_ONLY)
  @ApiOperation({
    operationId: 'updateMe',
    summary: 'Change my names, telephone number, picture and preferences',
    description: 'What is absent stays, null clears.',
  })
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The version that I must still have, as ETag; * for any. Without it the last write wins.',
  })
  @ApiBody({
    type: UpdateMe,
    examples: {
      some: {
        summary: 'Some of it',
        value: { full_name: 'Ada Lovelace', phone: null, preferences: { theme: 'dark' } },
      },
    },
  })
  @ApiOkResponse({
    type: SignedInUser,
    description: 'Me as I am now',
    headers: { ETag: { description: 'The version, for If-Match', schema: { type: 'string', example: '"1"' } } },
  })
  @ApiRefusal(Stale, 'I have changed since I was read')
  update(
    @Body() input: UpdateMe,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedInUser> {
    return this.me.update(input, request, reply);
  }

  @Get('me')
  @SignedIn({ tenant: 'optional' })
  @ApiOperation({ operationId: 'getMe', summary: 'Who I am here, and what I may do' })
  @ApiOkResponse({ type: Me, description: 'The caller, his tenant, his rights and the state of its modules' })
  get(): Promise<Me> {
    return this.me.get();
  }
}
