import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import {
  type ArchivedRows,
  type ArchivedTable,
  type ArchiveHead,
  type ArchiveSums,
  FORMAT,
  MAGIC,
  type TableSum,
} from './archive-format.js';
import { FileTally } from './file-tally.js';

/** A table is over. */
const OVER = Buffer.from('\\.\n');

export interface Written {
  readonly sums: Required<ArchiveSums>;
  readonly bytes: number;
  /** Of all its bytes but the last line, which says it. */
  readonly sha256: string;
  /** Of all its bytes. */
  readonly checksum: string;
}

/** Writes an archive into an open file as it comes. What is not ended is no archive. */
export class ArchiveWriter {
  private readonly whole = createHash('sha256');
  private readonly gzip = createGzip();
  private readonly sums: TableSum[] = [];
  private readonly tally = new FileTally();
  private bytes = 0;
  private readonly written: Promise<void>;

  /** @param file is the caller's to close @param signal that nothing more is to be written */
  constructor(
    private readonly file: FileHandle,
    private readonly signal?: AbortSignal,
  ) {
    this.written = this.writeOut();
    // whoever writes next is told
    this.written.catch(() => undefined);
  }

  head(head: ArchiveHead): Promise<void> {
    return this.line(head);
  }

  /** @param fill hands over its rows */
  async table(
    table: ArchivedTable,
    fill: (take: (rows: ArchivedRows) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const hash = createHash('sha256');
    let count = 0;
    await this.line(table);
    await fill(async (rows) => {
      hash.update(rows.bytes);
      count += rows.count;
      await this.write(rows.bytes);
    });
    await this.write(OVER);
    const { plane, table: name } = table;
    this.sums.push({ plane, table: name, rows: count, sha256: hash.digest('hex') });
  }

  /** @throws Error where it has other bytes than it is said to have */
  async storedFile(key: string, bytes: number, body: AsyncIterable<Uint8Array>): Promise<void> {
    const hash = createHash('sha256');
    let left = bytes;
    await this.line({ file: key, bytes });
    for await (const chunk of body) {
      hash.update(chunk);
      left -= chunk.length;
      await this.write(chunk);
    }
    if (left !== 0) throw new Error(`the file ${key} has other bytes than it was said to have`);
    const sha256 = hash.digest('hex');
    await this.line({ sha256 });
    this.tally.add(key, bytes, sha256);
  }

  /** On disk. */
  async end(): Promise<Written> {
    const sums = { tables: this.sums, files: this.tally.sums() };
    await this.line(sums);
    this.gzip.end();
    await this.written;
    const sha256 = this.whole.copy().digest('hex');
    await this.put(Buffer.from(`${sha256}\n`));
    await this.file.sync();
    return { sums, bytes: this.bytes, sha256, checksum: this.whole.digest('hex') };
  }

  /** Nothing is written any more. */
  async abandon(): Promise<void> {
    this.gzip.destroy();
    await this.written.catch(() => undefined);
  }

  private line(value: object): Promise<void> {
    return this.write(Buffer.from(`${JSON.stringify(value)}\n`));
  }

  private async write(bytes: Uint8Array): Promise<void> {
    this.signal?.throwIfAborted();
    if (this.gzip.write(bytes)) return;
    await Promise.race([once(this.gzip, 'drain'), this.written]);
  }

  private async writeOut(): Promise<void> {
    await this.put(Buffer.from(`${MAGIC}${FORMAT}\n`));
    for await (const chunk of this.gzip) await this.put(chunk as Buffer);
  }

  private async put(bytes: Buffer): Promise<void> {
    this.whole.update(bytes);
    this.bytes += bytes.length;
    await this.file.writeFile(bytes);
  }
}
