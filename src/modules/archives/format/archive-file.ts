import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ArchiveRefused, DAMAGED, FORMAT, FORMAT_WITHOUT_FILES, MAGIC } from './archive-format.js';
import { type ArchivePart, partsOf } from './archive-parts.js';

/** A hash and its line's end. */
const TRAILER_BYTES = 65;
const FIRST_LINE_BYTES = 64;
const CHUNK_BYTES = 1024 * 1024;
const FOREIGN = 'This is no archive of Tenantry.';

/** An archive that is whole, byte for byte, read from front to back as often as it takes. */
export class ArchiveFile {
  private constructor(
    private readonly file: FileHandle,
    private readonly start: number,
    private readonly end: number,
    /** Of all its bytes but the last line. */
    readonly sha256: string,
  ) {}

  /** @throws ArchiveRefused for what is none, is newer, or is damaged */
  static async open(path: string): Promise<ArchiveFile> {
    const file = await open(path, 'r').catch((error: unknown) => {
      throw new ArchiveRefused(`The file ${path} cannot be read.`, { cause: error });
    });
    try {
      const start = await startOf(file);
      const end = (await file.stat()).size - TRAILER_BYTES;
      if (end <= start) throw new ArchiveRefused(DAMAGED);
      const sha256 = await hashOf(file, end);
      const trailer = await textAt(file, end, TRAILER_BYTES);
      if (trailer !== `${sha256}\n`) throw new ArchiveRefused(DAMAGED);
      return new ArchiveFile(file, start, end, sha256);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async *parts(): AsyncGenerator<ArchivePart> {
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    const source = Readable.from(chunksOf(this.file, this.start, this.end), { objectMode: false });
    source.on('error', (error) => gunzip.destroy(error));
    try {
      yield* partsOf(source.pipe(gunzip) as AsyncIterable<Buffer>);
    } finally {
      source.destroy();
      gunzip.destroy();
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** Of an archive that is whole. @throws ArchiveRefused as `open` does */
export async function checksumOf(path: string): Promise<string> {
  const file = await ArchiveFile.open(path);
  await file.close();
  return file.sha256;
}

/** Where what is packed begins. */
async function startOf(file: FileHandle): Promise<number> {
  const text = await textAt(file, 0, FIRST_LINE_BYTES);
  const [line = ''] = text.split('\n', 1);
  const version = /^\d{1,9}$/.exec(line.slice(MAGIC.length))?.[0];
  if (!line.startsWith(MAGIC) || version === undefined || line.length === text.length)
    throw new ArchiveRefused(text === '' ? 'The file is empty.' : FOREIGN);
  if (Number(version) < FORMAT_WITHOUT_FILES || Number(version) > FORMAT)
    throw new ArchiveRefused(
      `The archive has the format ${version}, and this version of the product knows ${FORMAT}: restore it with the version that wrote it.`,
    );
  return line.length + 1;
}

async function textAt(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('latin1', 0, bytesRead);
}

/** @throws ArchiveRefused where the file ends before that */
async function* chunksOf(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const length = Math.min(CHUNK_BYTES, end - at);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead === 0) throw new ArchiveRefused(DAMAGED);
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function hashOf(file: FileHandle, end: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(file, 0, end)) hash.update(chunk);
  return hash.digest('hex');
}
