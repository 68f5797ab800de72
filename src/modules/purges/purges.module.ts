import { Module } from '@nestjs/common';
import { Pools } from '../../platform/database/index.js';
import { TenantPurges } from '../../platform/tenancy/index.js';
import { TenantsModule } from '../tenants/index.js';
import { PurgeRunner } from './purge-runner.js';
import { Remains } from './remains.js';
import { TenantDeletions } from './tenant-deletions.js';

/** Deleted tenants: how long they can be restored, and their end. */
@Module({
  imports: [TenantsModule],
  providers: [
    PurgeRunner,
    Remains,
    TenantDeletions,
    {
      provide: TenantPurges,
      inject: [Pools, Remains],
      useFactory: (pools: Pools, remains: Remains) => new TenantPurges(pools, remains),
    },
  ],
})
export class PurgesModule {}
