import { Injectable } from '@nestjs/common';
import { currentPlacement } from '../tenancy/index.js';
import { ObjectStore } from './object-store.js';
import { TenantFiles } from './tenant-files.js';

/** Stored objects, for features: those of the running scope's tenant, and no others. */
@Injectable()
export class Storage {
  constructor(private readonly store: ObjectStore) {}

  /** @throws Error where no tenant has been resolved */
  get own(): TenantFiles {
    return new TenantFiles(this.store, currentPlacement().organizationId);
  }
}
