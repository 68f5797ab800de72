import { Injectable } from '@nestjs/common';
import { LocationMaker } from '../../platform/database/index.js';
import { Jobs } from '../../platform/jobs/index.js';
import { PlatformStorage } from '../../platform/storage/platform.js';
import { type FileCounts, type PurgedPlace, PurgeTargets } from '../../platform/tenancy/index.js';

/** What there is of a tenant besides rows. */
@Injectable()
export class Remains extends PurgeTargets {
  constructor(
    private readonly maker: LocationMaker,
    private readonly storage: PlatformStorage,
    private readonly jobs: Jobs,
  ) {
    super();
  }

  canDrop(server: string): boolean {
    return this.maker.canMake(server);
  }

  drop({ id, isolation, server, database, schema }: PurgedPlace): Promise<void> {
    return isolation === 'database'
      ? this.maker.dropDatabase({ server, database, location: id })
      : this.maker.dropSchema(schema);
  }

  async stored(organizationId: string): Promise<FileCounts> {
    let [files, bytes] = [0, 0];
    for await (const each of this.storage.of(organizationId).list()) {
      files++;
      bytes += each.bytes;
    }
    return { files, bytes };
  }

  async clear(organizationId: string): Promise<void> {
    await this.jobs.forget(organizationId);
    await this.storage.deleteAll(organizationId);
  }
}
