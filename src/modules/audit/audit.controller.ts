import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireAccess } from '../../platform/access/index.js';
import { AuditPage } from './audit.dto.js';
import { AuditLog } from './audit-log.js';
import { exportQueries, pageQueries } from './parameters.js';

const WHOSE = 'Of the tenant; for a platform user who names none, all that core keeps of tenants and of the platform.';

@Controller()
export class AuditController {
  constructor(private readonly auditLog: AuditLog) {}

  @Get('audit-log')
  @RequireAccess('audit', 'read', { tenant: 'optional' })
  @ApiOperation({ operationId: 'audit_log_list', summary: 'What was done, and what was refused', description: WHOSE })
  @pageQueries
  @ApiOkResponse({ description: 'A page', type: AuditPage })
  list(@Req() request: FastifyRequest): Promise<AuditPage> {
    return this.auditLog.list(request);
  }

  @Get('audit-log.csv')
  @RequireAccess('audit', 'read', { tenant: 'optional' })
  @ApiOperation({ operationId: 'audit_log_export', summary: 'Export the audit log as CSV', description: WHOSE })
  @exportQueries
  @ApiOkResponse({
    description: 'A header line, then a line for each entry',
    content: { 'text/csv': { schema: { type: 'string' } } },
  })
  export(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): AsyncGenerator<string> {
    return this.auditLog.export(request, reply);
  }
}
