import { Injectable } from '@nestjs/common';
import { folderOf, PLATFORM_FOLDER } from './keys.js';
import { ObjectStore } from './object-store.js';
import { StoredFiles } from './stored-files.js';

/**
 * Stored objects of whatever tenant: only for what crosses them (archives, purging). A dependency rule names the features
 * that may import it.
 */
@Injectable()
export class PlatformStorage {
  constructor(private readonly store: ObjectStore) {}

  /** What belongs to no tenant, or has many in it: backups. */
  get own(): StoredFiles {
    return new StoredFiles(this.store, PLATFORM_FOLDER);
  }

  of(organizationId: string): StoredFiles {
    return new StoredFiles(this.store, folderOf(organizationId));
  }

  /** Nothing of the tenant is left. Can be repeated. @throws Unavailable */
  deleteAll(organizationId: string): Promise<void> {
    return this.store.deleteAll(folderOf(organizationId));
  }
}
