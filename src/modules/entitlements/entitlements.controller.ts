import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { PlatformOnly, RequireAccess } from '../../platform/access/index.js';
import { UuidPipe } from '../../platform/http/index.js';
import { Entitlements, SetEntitlements } from './entitlements.dto.js';
import { EntitlementsService } from './entitlements.service.js';

const TENANT_ID = ApiParam({ name: 'tenant_id', schema: { type: 'string', format: 'uuid' } });

@Controller('tenants/:tenant_id/entitlements')
export class EntitlementsController {
  constructor(private readonly entitlements: EntitlementsService) {}

  @Get()
  @RequireAccess('tenant', 'read', { tenant: 'optional' })
  @ApiOperation({ operationId: 'tenants_entitlements_get', summary: 'Which modules a tenant may use, and why' })
  @TENANT_ID
  @ApiOkResponse({ type: Entitlements, description: 'Its switches, and the verdict on every module' })
  get(@Param('tenant_id', UuidPipe) tenantId: string): Promise<Entitlements> {
    return this.entitlements.get(tenantId);
  }

  @Put()
  @PlatformOnly()
  @ApiOperation({ operationId: 'tenants_entitlements_set', summary: "Set a tenant's switches" })
  @TENANT_ID
  @ApiOkResponse({ type: Entitlements, description: 'What follows from them' })
  set(
    @Param('tenant_id', UuidPipe) tenantId: string,
    @Body() { enabled_modules }: SetEntitlements,
  ): Promise<Entitlements> {
    return this.entitlements.set(tenantId, enabled_modules);
  }
}
