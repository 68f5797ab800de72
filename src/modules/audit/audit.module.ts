import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditLog } from './audit-log.js';
import { AuditPlanes } from './audit-planes.js';

/** Reading what was done: each write leaves its entry by itself (platform/tenancy/audit.ts). */
@Module({ controllers: [AuditController], providers: [AuditPlanes, AuditLog], exports: [AuditLog] })
export class AuditModule {}
