export { isFull } from './full.js';
export { isKey } from './keys.js';
export { ObjectStore, type Source, type Stored, type StoredObject } from './object-store.js';
export { openStore, tryStorage } from './open-store.js';
export { Storage } from './storage.js';
export type { StoredFiles } from './stored-files.js';
