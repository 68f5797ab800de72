import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { RequireAccess } from '../../platform/access/index.js';
import { UuidPipe } from '../../platform/http/index.js';
import { SubscriptionRow } from './subscription.dto.js';
import { SubscriptionReader } from './subscription-reader.js';

const TENANT_ID = ApiParam({ name: 'tenant_id', schema: { type: 'string', format: 'uuid' } });

@Controller('tenants/:tenant_id/subscription')
export class SubscriptionController {
  constructor(private readonly subscriptions: SubscriptionReader) {}

  @Get()
  @RequireAccess('subscription', 'read', { tenant: 'optional' })
  @ApiOperation({ operationId: 'tenants_subscription_get', summary: 'What a tenant pays for' })
  @TENANT_ID
  @ApiOkResponse({ type: SubscriptionRow, description: 'Its living subscription' })
  get(@Param('tenant_id', UuidPipe) tenantId: string): Promise<SubscriptionRow> {
    return this.subscriptions.get(tenantId);
  }
}
