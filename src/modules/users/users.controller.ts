import { applyDecorators, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import { RequireAccess } from '../../platform/access/index.js';
import { etagOf, UuidPipe } from '../../platform/http/index.js';
import {
  type Answer,
  ifMatch,
  OF_TENANTS,
  refuseInput,
  ResourceController,
  STALE,
  type Versions,
  versionsOf,
} from '../../platform/resources/index.js';
import { UserCases } from './user-cases.js';
import { UserChanges } from './user-changes.js';
import { UserRow } from './user.dto.js';
import { Users } from './users.js';

const USER_ID = ApiParam({ name: 'user_id', schema: { type: 'string', format: 'uuid' } });

const Action = (operationId: string, summary: string, description: string): MethodDecorator =>
  applyDecorators(
    RequireAccess('user', 'manage'),
    ApiOperation({ operationId, summary, description }),
    USER_ID,
    ifMatch,
    STALE,
    ApiResponse({ status: 200, description: 'The member as he is now', type: UserRow }),
  );

@Controller()
export class UsersController extends ResourceController(Users, { service: UserCases, routes: OF_TENANTS }) {
  constructor(private readonly changes: UserChanges) {
    super();
  }

  @Post('users/:user_id/suspend')
  @HttpCode(200)
  @Action(
    'users_suspend',
    'Suspend a member',
    'He is refused at once, on every node. Of a guest: in this tenant alone.',
  )
  suspend(
    @Param('user_id', UuidPipe) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<UserRow> {
    return this.act(request, reply, (versions) => this.changes.setStatus(id, 'suspended', versions));
  }

  @Post('users/:user_id/activate')
  @HttpCode(200)
  @Action('users_activate', 'Activate a member', 'One who was suspended, or has not accepted his invitation yet.')
  activate(
    @Param('user_id', UuidPipe) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<UserRow> {
    return this.act(request, reply, (versions) => this.changes.setStatus(id, 'active', versions));
  }

  private act(request: Request, reply: Reply, change: (versions: Versions) => Promise<UserRow>): Promise<UserRow> {
    refuseInput(request);
    const versions = versionsOf(request.headers['if-match']);
    return this.resources.once(request, reply, async () => answerOf(await change(versions)), Users);
  }
}

const answerOf = (row: UserRow): Answer<UserRow> => ({ status: 200, body: row, etag: etagOf(row.version) });
