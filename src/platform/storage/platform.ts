import { Injectable } from '@nestjs/common';
import { folderOf } from './keys.js';
import { ObjectStore } from './object-store.js';
import { TenantFiles } from './tenant-files.js';

/**
 * Stored objects of whatever tenant: only for what crosses them (archives, purging). A dependency rule names the features
 * that may import it.
 */
@Injectable()
export class PlatformStorage {
  constructor(private readonly store: ObjectStore) {}

  of(organizationId: string): TenantFiles {
    return new TenantFiles(this.store, organizationId);
  }

  /** Nothing of the tenant is left. Can be repeated. @throws Unavailable */
  deleteAll(organizationId: string): Promise<void> {
    return this.store.deleteAll(folderOf(organizationId));
  }
}
