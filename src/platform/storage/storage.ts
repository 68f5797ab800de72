import { Injectable } from '@nestjs/common';
import { currentPlacement } from '../tenancy/index.js';
import { folderOf } from './keys.js';
import { ObjectStore } from './object-store.js';
import { StoredFiles } from './stored-files.js';

/** Stored objects, for features: those of the running scope's tenant, and no others. */
@Injectable()
export class Storage {
  constructor(private readonly store: ObjectStore) {}

  /** @throws Error where no tenant has been resolved */
  get own(): StoredFiles {
    return new StoredFiles(this.store, folderOf(currentPlacement().organizationId));
  }
}
