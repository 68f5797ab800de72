import { Module } from '@nestjs/common';
import { ArchivesModule } from '../archives/index.js';
import { BackupPlaces } from './backup-places.js';
import { BackupRestores } from './backup-restores.js';
import { BackupSchedule } from './backup-schedule.js';
import { Backups } from './backups.js';

/** All tenants backed up, restored and tried together. */
@Module({ imports: [ArchivesModule], providers: [BackupPlaces, Backups, BackupRestores, BackupSchedule] })
export class BackupsModule {}
