import { isKey } from './keys.js';
import type { Listed, ObjectStore, Source, Stored, StoredObject } from './object-store.js';

/** The stored objects below one folder: a tenant's, or the platform's. Keys are relative to it, and lead nowhere else. */
export class StoredFiles {
  constructor(
    private readonly store: ObjectStore,
    private readonly folder: string,
  ) {}

  /** In place of what was there. Once it resolves it is stored whole. @throws Unavailable; what the source throws */
  put(key: string, source: Source): Promise<Stored> {
    return this.store.put(this.whole(key), source);
  }

  /** Whoever does not read it to its end destroys it. @throws NotFound, Unavailable */
  get(key: string): Promise<StoredObject> {
    return this.store.get(this.whole(key));
  }

  /** Can be repeated. @throws Unavailable */
  delete(key: string): Promise<void> {
    return this.store.delete(this.whole(key));
  }

  /** In whatever order. @param folder `exports`; without it everything @throws Unavailable */
  async *list(folder?: string): AsyncGenerator<Listed> {
    const below = folder === undefined ? this.folder : this.whole(folder);
    for await (const { key, bytes } of this.store.list(below)) {
      const inside = key.slice(this.folder.length + 1);
      // what somebody else has laid there is not ours to read
      if (isKey(inside)) yield { key: inside, bytes };
    }
  }

  /** @throws Error: keys are the code's own, and what people call a file is no part of one */
  private whole(key: string): string {
    if (!isKey(key)) throw new Error(`${JSON.stringify(key)} is no key of a stored object`);
    return `${this.folder}/${key}`;
  }
}
