import { Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import { Conflict } from '../../../common/problem.js';
import { RequireAccess } from '../../../platform/access/index.js';
import { UuidPipe } from '../../../platform/http/index.js';
import { refuseInput, Resources } from '../../../platform/resources/index.js';
import { currentScope } from '../../../platform/tenancy/index.js';
import { Users, UsersService } from '../../users/index.js';
import { ApiRefusal } from '../api-refusal.js';
import { PasswordRequests } from './password-requests.js';

@Controller('users/:user_id')
export class UserPasswordController {
  constructor(
    private readonly users: UsersService,
    private readonly requests: PasswordRequests,
    private readonly resources: Resources,
  ) {}

  @Post('reset-password')
  @HttpCode(202)
  @RequireAccess('user', 'manage')
  @ApiOperation({
    operationId: 'users_reset_password',
    summary: 'Mail a member a token for a new password',
    description: 'Nobody but he learns the token, and his password holds until he uses it. Then all his sessions end.',
  })
  @ApiParam({ name: 'user_id', schema: { type: 'string', format: 'uuid' } })
  @ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string', minLength: 1, maxLength: 255 } })
  @ApiResponse({ status: 202, description: 'A mail is on its way' })
  @ApiRefusal(Conflict, 'He is suspended, or has not accepted his invitation yet')
  request(
    @Param('user_id', UuidPipe) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<undefined> {
    refuseInput(request);
    const work = async () => {
      const { status } = await this.users.holdManageable(id);
      if (status !== 'active') throw Conflict({ detail: 'Only an active member can set a new password.' });
      currentScope().coreUnit?.onCommit(() => this.requests.requestFor(id));
      return { status: 202, body: undefined };
    };
    return this.resources.once(request, reply, work, Users);
  }
}
