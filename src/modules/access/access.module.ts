import { Global, Module } from '@nestjs/common';
import { SnapshotSource, TenantDirectory } from '../../platform/access/index.js';
import { AccessController } from './access.controller.js';
import { CoreSnapshots } from './core-snapshots.js';
import { CoreTenants } from './core-tenants.js';
import { Explanations } from './explanations.js';

/** What the guard needs to know, from core's tables. Global: the platform owns the ports, this module fills them. */
@Global()
@Module({
  controllers: [AccessController],
  providers: [
    { provide: SnapshotSource, useClass: CoreSnapshots },
    { provide: TenantDirectory, useClass: CoreTenants },
    Explanations,
  ],
  exports: [SnapshotSource, TenantDirectory, Explanations],
})
export class AccessFactsModule {}
