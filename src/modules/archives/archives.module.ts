import { Module } from '@nestjs/common';
import { MovesModule } from '../moves/index.js';
import { TenantsModule } from '../tenants/index.js';
import { ExportJobs } from './exports/export-jobs.js';
import { ExportRecords } from './exports/export-records.js';
import { ExportsController } from './exports/exports.controller.js';
import { ExportsService } from './exports/exports.service.js';
import { PlatformArchive } from './platform-archive.js';
import { ArchiveTrials } from './restoring/archive-trials.js';
import { CoreRows } from './restoring/core-rows.js';
import { PlaceRowSources } from './restoring/place-rows.js';
import { RestoreChecks } from './restoring/restore-checks.js';
import { RestorePlaces } from './restoring/restore-places.js';
import { TenantRestores } from './restoring/tenant-restores.js';
import { TenantExports } from './tenant-exports.js';
import './exports/exports.problems.js';

const SERVICES = [TenantExports, TenantRestores, ArchiveTrials, PlatformArchive];

/** A tenant as one file: taken out of an installation, and put back or beside. */
@Module({
  imports: [MovesModule, TenantsModule],
  controllers: [ExportsController],
  providers: [
    ...[...SERVICES, RestoreChecks, RestorePlaces, PlaceRowSources, CoreRows],
    ...[ExportsService, ExportJobs, ExportRecords],
  ],
  exports: SERVICES,
})
export class ArchivesModule {}
