import { Module } from '@nestjs/common';
import { ArchivesModule } from '../archives/index.js';
import { BackupRestores } from './backup-restores.js';
import { Backups } from './backups.js';

/** All tenants backed up, restored and tried together. */
@Module({ imports: [ArchivesModule], providers: [Backups, BackupRestores] })
export class BackupsModule {}
