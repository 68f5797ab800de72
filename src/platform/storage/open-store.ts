import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Config } from '../../config/index.js';
import { DiskStore } from './disk-store.js';
import type { ObjectStore } from './object-store.js';

type StorageConfig = Pick<Config, 's3' | 'dataDir'>;

/** The store that is configured: a bucket, else `DATA_DIR/storage`. */
export async function openStore({ s3, dataDir }: StorageConfig): Promise<ObjectStore> {
  if (s3 === undefined) return new DiskStore(join(dataDir, 'storage'));
  // only where it is needed: it is long to load
  const { S3Store } = await import('./s3-store.js');
  return new S3Store(s3);
}

/** Puts an object, reads it and deletes it. @throws Error, Problem where one of that does not work */
export async function tryStorage(config: StorageConfig): Promise<void> {
  const store = await openStore(config);
  const key = `doctor/${randomUUID()}`;
  const bytes = randomBytes(1024);
  try {
    await store.put(
      key,
      (async function* () {
        yield await Promise.resolve(bytes);
      })(),
    );
    const { body } = await store.get(key);
    if (!bytes.equals(await buffer(body))) throw new Error('what was stored came back as something else');
    await store.delete(key);
  } finally {
    store.close();
  }
}
