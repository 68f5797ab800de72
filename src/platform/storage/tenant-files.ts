import { folderOf, isKey, wholeKey } from './keys.js';
import type { Listed, ObjectStore, Source, Stored, StoredObject } from './object-store.js';

/** The stored objects of one tenant. Keys are relative to its folder, and lead nowhere else. */
export class TenantFiles {
  constructor(
    private readonly store: ObjectStore,
    private readonly organizationId: string,
  ) {}

  /** In place of what was there. Once it resolves it is stored whole. @throws Unavailable; what the source throws */
  put(key: string, source: Source): Promise<Stored> {
    return this.store.put(wholeKey(this.organizationId, key), source);
  }

  /** Whoever does not read it to its end destroys it. @throws NotFound, Unavailable */
  get(key: string): Promise<StoredObject> {
    return this.store.get(wholeKey(this.organizationId, key));
  }

  /** Can be repeated. @throws Unavailable */
  delete(key: string): Promise<void> {
    return this.store.delete(wholeKey(this.organizationId, key));
  }

  /** In whatever order. @param folder `exports`; without it everything @throws Unavailable */
  async *list(folder?: string): AsyncGenerator<Listed> {
    const own = folderOf(this.organizationId);
    const below = folder === undefined ? own : wholeKey(this.organizationId, folder);
    for await (const { key, bytes } of this.store.list(below)) {
      const inside = key.slice(own.length + 1);
      // what somebody else has laid there is not ours to read
      if (isKey(inside)) yield { key: inside, bytes };
    }
  }
}
