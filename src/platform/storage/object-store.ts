import type { Readable } from 'node:stream';

/** What an object has become: its bytes and their sha256 in hexadecimal digits. */
export interface Stored {
  readonly bytes: number;
  readonly sha256: string;
}
/** An object that is read. Whoever does not read `body` to its end destroys it. */
export interface StoredObject {
  readonly body: Readable;
  readonly bytes: number;
}
export interface Listed {
  readonly key: string;
  readonly bytes: number;
}
/** What is told when a store cannot be asked. */
export const AWAY = 'The storage cannot be reached just now.';
export type Source = AsyncIterable<Uint8Array>;

/**
 * Where objects are kept, by whole keys: a local disk or a server like S3. Nothing is ever held in memory as a whole.
 * What a store cannot do just now is 503 `unavailable`, with the reason as its cause; an error of a source is passed on.
 */
export abstract class ObjectStore {
  /** There whole, on disk or verified at the server, once it resolves; before, and when it fails, not at all. */
  abstract put(key: string, source: Source): Promise<Stored>;
  /** @throws NotFound */
  abstract get(key: string): Promise<StoredObject>;
  /** Can be repeated. */
  abstract delete(key: string): Promise<void>;
  /** All that stands below a folder, with whole keys, in whatever order. */
  abstract list(folder: string): AsyncIterable<Listed>;
  abstract deleteAll(folder: string): Promise<void>;
  /** Removes what writers have left who died. */
  abstract tidy(): Promise<void>;
  abstract close(): void;
}
