import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { RequireAccess } from '../../platform/access/index.js';
import { AccessExplanation, ExplainQuery } from './explanation.dto.js';
import { Explanations } from './explanations.js';

@Controller('access')
export class AccessController {
  constructor(private readonly explanations: Explanations) {}

  @Get('explain')
  @RequireAccess('user', 'manage')
  @ApiOperation({
    operationId: 'explainAccess',
    summary: 'Why a member may do something, or why not, layer by layer',
    description: 'The layers that decide on requests are asked, on facts read now. 404 for one who is no member.',
  })
  @ApiOkResponse({ type: AccessExplanation, description: 'What each layer was asked, found and answered' })
  explain(@Query() { user_id, access }: ExplainQuery): Promise<AccessExplanation> {
    return this.explanations.explainMember(user_id, access);
  }
}
