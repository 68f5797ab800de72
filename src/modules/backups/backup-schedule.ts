import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/index.js';
import { MAIN_SERVER, Pools } from '../../platform/database/index.js';
import { Jobs } from '../../platform/jobs/index.js';
import { BackupPlaces } from './backup-places.js';
import { Backups } from './backups.js';

/** Seconds in which a night's backup has to end. */
const TIMEOUT_S = 6 * 3_600;

/** Backs all tenants up on a schedule, on one of the nodes that may read them as a whole. */
@Injectable()
export class BackupSchedule implements OnModuleInit {
  private readonly log = new Logger(BackupSchedule.name);

  constructor(
    private readonly jobs: Jobs,
    private readonly backups: Backups,
    private readonly places: BackupPlaces,
    private readonly pools: Pools,
    @Inject(CONFIG) private readonly config: Pick<Config, 'backupSchedule' | 'backupKeep'>,
  ) {}

  onModuleInit(): void {
    const { backupSchedule } = this.config;
    if (backupSchedule === undefined || !this.pools.servers.has('mover', MAIN_SERVER)) return;
    this.jobs.schedule('backups.make', backupSchedule, (signal) => this.run(signal), {
      timeoutS: TIMEOUT_S,
      retries: 2,
    });
  }

  private async run(signal: AbortSignal): Promise<void> {
    const store = this.places.open();
    try {
      const { name, manifest } = await this.backups.make(store, { signal });
      for (const { code, error } of manifest.failed) this.log.error(`the backup ${name} lacks ${code}: ${error}`);
      // the older ones may be the last that have the tenant
      const gone = manifest.failed.length === 0 ? await store.prune(this.config.backupKeep) : [];
      const [made, removed] = [manifest.tenants, gone].map(({ length }) => String(length));
      this.log.log(`backed up ${made} tenants to ${store.describe(name)}, removed ${removed} older ones`);
    } finally {
      await store.release();
    }
  }
}
