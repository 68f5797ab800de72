import { createHash } from 'node:crypto';
import type { FileSums } from './archive-format.js';

/** What the stored files of an archive add up to, in its order. */
export class FileTally {
  private readonly hash = createHash('sha256');
  private count = 0;
  private bytes = 0;

  add(key: string, bytes: number, sha256: string): void {
    this.hash.update(`${key}\t${String(bytes)}\t${sha256}\n`);
    this.count++;
    this.bytes += bytes;
  }

  /** Once, at the end. */
  sums(): FileSums {
    return { count: this.count, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}
