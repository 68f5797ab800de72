import { Controller, Delete, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';
import { Conflict } from '../../common/problem.js';
import { RequireAccess } from '../../platform/access/index.js';
import { etagOf, UuidPipe } from '../../platform/http/index.js';
import { refuseInput, refuseQuery, ResourceController, versionsOf } from '../../platform/resources/index.js';
import { ApiRefusal } from '../auth/index.js';
import { InvitationRow } from './invitation.dto.js';
import { InvitationCases } from './invitation-cases.js';
import { StoredInvitations } from './invitation.resource.js';

const INVITATION_ID = ApiParam({ name: 'invitation_id', schema: { type: 'string', format: 'uuid' } });

@Controller()
export class InvitationsController extends ResourceController(StoredInvitations, {
  service: InvitationCases,
  routes: ['list', 'create'],
}) {
  constructor(private readonly invitations: InvitationCases) {
    super();
  }

  @Post('invitations/:invitation_id/resend')
  @HttpCode(200)
  @RequireAccess('user', 'create')
  @ApiOperation({
    operationId: 'invitations_resend',
    summary: 'Mail an invitation again',
    description: 'With a fresh token, for seven more days. The token before is worth nothing from now on.',
  })
  @INVITATION_ID
  @ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string', minLength: 1, maxLength: 255 } })
  @ApiOkResponse({ type: InvitationRow, description: 'The invitation, pending' })
  @ApiRefusal(Conflict, 'It was accepted or revoked, or whoever was invited is a member already')
  resend(
    @Param('invitation_id', UuidPipe) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<InvitationRow> {
    refuseInput(request);
    return this.resources.once(
      request,
      reply,
      async () => {
        const row = await this.invitations.resend(id);
        return { status: 200, body: row, etag: etagOf(row.version) };
      },
      this.invitations.stored,
    );
  }

  @Delete('invitations/:invitation_id')
  @HttpCode(204)
  @RequireAccess('user', 'create')
  @ApiOperation({
    operationId: 'invitations_revoke',
    summary: 'Revoke an invitation',
    description: 'A user who was made with it stays, inactive.',
  })
  @INVITATION_ID
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag that it must still have; * for any.' })
  @ApiNoContentResponse({ description: 'Its token is worth nothing any more' })
  @ApiRefusal(Conflict, 'It was accepted')
  async revoke(@Param('invitation_id', UuidPipe) id: string, @Req() request: Request): Promise<void> {
    refuseQuery(request);
    await this.invitations.revoke(id, versionsOf(request.headers['if-match']));
  }
}
