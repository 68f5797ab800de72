import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from '../../common/pagination.js';
import { PlatformOnly } from '../../platform/access/index.js';
import { pathOf, UuidPipe } from '../../platform/http/index.js';
import { CONFLICT, listed, LOCATION, queryOf, refuseInput, refuseQuery } from '../../platform/resources/index.js';
import { MoveRow, MoveTenant } from './move.dto.js';
import { Moves } from './moves.js';
import { MovesService } from './moves.service.js';

const uuid = (name: string) => ApiParam({ name, schema: { type: 'string', format: 'uuid' } });
const TENANT_ID = uuid('tenant_id');
const MOVE_ID = uuid('move_id');

@Controller('tenants/:tenant_id')
export class MovesController {
  constructor(private readonly moves: MovesService) {}

  @Post('move')
  @HttpCode(202)
  @PlatformOnly()
  @ApiOperation({
    operationId: 'tenants_move',
    summary: 'Move a tenant to another location, while it is used',
    description:
      'Its rows are copied, what is written meanwhile is carried over, and writers wait for a moment at the end.',
  })
  @TENANT_ID
  @ApiBody({ type: MoveTenant })
  @CONFLICT
  @ApiResponse({ status: 202, description: 'The move, under way', type: MoveRow, headers: LOCATION })
  async move(
    @Param('tenant_id', UuidPipe) tenantId: string,
    @Body() asked: MoveTenant,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MoveRow> {
    refuseQuery(request);
    const move = await this.moves.start(tenantId, asked);
    void reply.header('location', `${pathOf(request.url)}s/${move.id}`);
    return move;
  }

  @Get('moves')
  @PlatformOnly()
  @ApiOperation({ operationId: 'tenants_moves_list', summary: 'List the moves of a tenant' })
  @TENANT_ID
  @listed(Moves)
  list(@Param('tenant_id', UuidPipe) tenantId: string, @Req() request: FastifyRequest): Promise<Page<MoveRow>> {
    return this.moves.list(tenantId, queryOf(request.url));
  }

  @Get('moves/:move_id')
  @PlatformOnly()
  @ApiOperation({ operationId: 'tenants_moves_get', summary: 'Get a move of a tenant, with how far it is' })
  @TENANT_ID
  @MOVE_ID
  @ApiOkResponse({ type: MoveRow, description: 'The move' })
  get(@Param('tenant_id', UuidPipe) tenantId: string, @Param('move_id', UuidPipe) id: string): Promise<MoveRow> {
    return this.moves.get(tenantId, id);
  }

  @Post('moves/:move_id/abort')
  @HttpCode(200)
  @PlatformOnly()
  @ApiOperation({
    operationId: 'tenants_moves_abort',
    summary: 'Take a move back that has not switched',
    description: 'The tenant is where it was, as if it had never been.',
  })
  @TENANT_ID
  @MOVE_ID
  @CONFLICT
  @ApiOkResponse({ type: MoveRow, description: 'The move, aborted' })
  abort(
    @Param('tenant_id', UuidPipe) tenantId: string,
    @Param('move_id', UuidPipe) id: string,
    @Req() request: FastifyRequest,
  ): Promise<MoveRow> {
    refuseInput(request);
    return this.moves.abort(tenantId, id);
  }

  @Post('moves/:move_id/resume')
  @HttpCode(202)
  @PlatformOnly()
  @ApiOperation({ operationId: 'tenants_moves_resume', summary: 'Go on with a move whose mover died' })
  @TENANT_ID
  @MOVE_ID
  @ApiResponse({ status: 202, description: 'The move', type: MoveRow })
  resume(
    @Param('tenant_id', UuidPipe) tenantId: string,
    @Param('move_id', UuidPipe) id: string,
    @Req() request: FastifyRequest,
  ): Promise<MoveRow> {
    refuseInput(request);
    return this.moves.resume(tenantId, id);
  }

  @Post('moves/:move_id/rollback')
  @HttpCode(202)
  @PlatformOnly()
  @ApiOperation({
    operationId: 'tenants_moves_rollback',
    summary: 'Bring a tenant back where it came from',
    description: 'As a move of its own, with all that was written since; while the rows there are kept.',
  })
  @TENANT_ID
  @MOVE_ID
  @CONFLICT
  @ApiResponse({ status: 202, description: 'The move back, under way', type: MoveRow })
  rollBack(
    @Param('tenant_id', UuidPipe) tenantId: string,
    @Param('move_id', UuidPipe) id: string,
    @Req() request: FastifyRequest,
  ): Promise<MoveRow> {
    refuseInput(request);
    return this.moves.rollBack(tenantId, id);
  }
}
