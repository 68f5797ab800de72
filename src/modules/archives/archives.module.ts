import { Module } from '@nestjs/common';
import { MovesModule } from '../moves/index.js';
import { TenantsModule } from '../tenants/index.js';
import { ArchiveTrials } from './archive-trials.js';
import { CoreRows } from './core-rows.js';
import { PlatformArchive } from './platform-archive.js';
import { RestoreChecks } from './restore-checks.js';
import { RestorePlaces } from './restore-places.js';
import { TenantExports } from './tenant-exports.js';
import { TenantRestores } from './tenant-restores.js';

/** A tenant as one file: taken out of an installation, and put back or beside. */
@Module({
  imports: [MovesModule, TenantsModule],
  providers: [TenantExports, TenantRestores, ArchiveTrials, PlatformArchive, RestoreChecks, RestorePlaces, CoreRows],
  exports: [TenantExports, TenantRestores, ArchiveTrials, PlatformArchive],
})
export class ArchivesModule {}
