import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import {
  type ArchivedRows,
  type ArchivedTable,
  type ArchiveHead,
  ArchiveRefused,
  FORMAT,
  MAGIC,
  type TableSum,
} from './archive-format.js';

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** What was written: the sums of its tables, the size of the file and what its last line says. */
export interface Archived {
  readonly tables: readonly TableSum[];
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes an archive as it comes. What is not ended is no archive. */
export class ArchiveWriter {
  private readonly whole = createHash('sha256');
  private readonly gzip = createGzip();
  private readonly sums: TableSum[] = [];
  private bytes = 0;
  private readonly written: Promise<void>;

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
  ) {
    this.written = this.writeOut();
    // whoever writes next is told
    this.written.catch(() => undefined);
  }

  /** Nobody but the owner of the process reads it. @throws ArchiveRefused where there is a file of that name */
  static async create(path: string, head: ArchiveHead): Promise<ArchiveWriter> {
    const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
      throw isThere(error) ? new ArchiveRefused(`There is a file ${path} already: it is left as it is.`) : error;
    });
    const writer = new ArchiveWriter(path, file);
    await writer.line(JSON.stringify(head));
    return writer;
  }

  /** @param fill hands over its rows */
  async table(
    table: ArchivedTable,
    fill: (take: (rows: ArchivedRows) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const hash = createHash('sha256');
    let count = 0;
    await this.line(JSON.stringify(table));
    await fill(async (rows) => {
      hash.update(rows.bytes);
      count += rows.count;
      await this.write(rows.bytes);
    });
    await this.line('\\.');
    const { plane, table: name } = table;
    this.sums.push({ plane, table: name, rows: count, sha256: hash.digest('hex') });
  }

  /** On disk. */
  async end(): Promise<Archived> {
    await this.line(JSON.stringify({ tables: this.sums }));
    this.gzip.end();
    await this.written;
    const sha256 = this.whole.digest('hex');
    await this.file.writeFile(`${sha256}\n`);
    await this.file.sync();
    await this.file.close();
    return { tables: this.sums, bytes: this.bytes + sha256.length + 1, sha256 };
  }

  /** Takes away what was written. */
  async discard(): Promise<void> {
    this.gzip.destroy();
    await this.written.catch(() => undefined);
    await this.file.close().catch(() => undefined);
    await rm(this.path, { force: true });
  }

  private line(text: string): Promise<void> {
    return this.write(Buffer.from(`${text}\n`));
  }

  private async write(bytes: Buffer): Promise<void> {
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
