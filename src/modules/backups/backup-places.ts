import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/index.js';
import { PlatformStorage } from '../../platform/storage/platform.js';
import { BackupBucket } from './backup-bucket.js';
import { BackupFolder } from './backup-folder.js';
import type { BackupStore } from './backup-store.js';

/** Where this installation keeps its backups: in the bucket, where it has one, for a node's disk may go with the node. */
@Injectable()
export class BackupPlaces {
  constructor(
    private readonly storage: PlatformStorage,
    @Inject(CONFIG) private readonly config: Pick<Config, 'dataDir' | 's3'>,
  ) {}

  /** Whoever opens it releases it. @param dir a folder to be used instead */
  open(dir?: string): BackupStore {
    const { dataDir, s3 } = this.config;
    const own = join(dataDir, 'backups');
    if (dir !== undefined || s3 === undefined) return new BackupFolder(dir ?? own);
    return new BackupBucket(this.storage.own, `s3://${s3.bucket}/platform`, own);
  }
}
