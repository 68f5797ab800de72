import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { RequireAccess } from '../../platform/access/index.js';
import { UuidPipe } from '../../platform/http/index.js';
import { TenantLocation } from './tenant-location.dto.js';
import { TenantLocationService } from './tenant-location.service.js';

@Controller('tenants/:tenant_id/location')
export class TenantLocationController {
  constructor(private readonly locations: TenantLocationService) {}

  @Get()
  @RequireAccess('tenant', 'read', { tenant: 'optional' })
  @ApiOperation({ operationId: 'tenants_location_get', summary: "Where a tenant's rows are, and how much that is" })
  @ApiParam({ name: 'tenant_id', schema: { type: 'string', format: 'uuid' } })
  @ApiOkResponse({ type: TenantLocation, description: 'The location' })
  get(@Param('tenant_id', UuidPipe) tenantId: string): Promise<TenantLocation> {
    return this.locations.get(tenantId);
  }
}
