import { createHash } from 'node:crypto';
import {
  type ArchivedFile,
  type ArchivedRows,
  type ArchivedTable,
  type ArchiveHead,
  ArchiveRefused,
  type ArchiveSums,
  DAMAGED,
  type TableSum,
} from './archive-format.js';
import { FileTally } from './file-tally.js';

/**
 * What comes of an archive, in its order. `sum`: a table is over, with what its rows have added up to. `stored`: a file is
 * over, and its bytes were what they were.
 */
export type ArchivePart =
  | { readonly kind: 'head'; readonly head: ArchiveHead }
  | { readonly kind: 'table'; readonly table: ArchivedTable }
  | { readonly kind: 'rows'; readonly table: ArchivedTable; readonly rows: ArchivedRows }
  | { readonly kind: 'sum'; readonly table: ArchivedTable; readonly sum: TableSum }
  | { readonly kind: 'file'; readonly file: ArchivedFile }
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'stored'; readonly file: ArchivedFile; readonly sha256: string }
  | { readonly kind: 'end'; readonly sums: ArchiveSums };

const NEWLINE = 0x0a;
const OVER = Buffer.from('\\.\n');

/** Takes what is unpacked apart. @throws ArchiveRefused where it is not as it should be */
export async function* partsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<ArchivePart> {
  const parser = new Parser();
  for await (const chunk of chunks) yield* parser.take(chunk);
  parser.over();
}

class Parser {
  private rest: Buffer = Buffer.alloc(0);
  private stage: 'head' | 'between' | 'ended' = 'head';
  private table: ArchivedTable | undefined;
  private file: ArchivedFile | undefined;
  /** Bytes of the file that are still to come. */
  private left = 0;
  private readonly tally = new FileTally();
  private hash = createHash('sha256');
  private count = 0;

  *take(chunk: Buffer): Generator<ArchivePart> {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (let more = true; more;) {
      const before = this.rest.length;
      if (this.table !== undefined) yield* this.rows(this.table);
      else if (this.left > 0) yield this.content();
      else yield* this.line();
      more = this.rest.length > 0 && this.rest.length < before;
    }
  }

  /** @throws ArchiveRefused when something is missing */
  over(): void {
    if (this.stage !== 'ended' || this.rest.length > 0) throw new ArchiveRefused(DAMAGED);
  }

  private *line(): Generator<ArchivePart> {
    const end = this.rest.indexOf(NEWLINE);
    if (end < 0) return;
    const told = parsed(this.rest.toString('utf8', 0, end));
    this.rest = this.rest.subarray(end + 1);
    yield this.partOf(told);
  }

  private partOf(told: unknown): ArchivePart {
    if (this.file !== undefined) return this.stored(this.file, told);
    if (this.stage === 'head') {
      this.stage = 'between';
      return { kind: 'head', head: told as ArchiveHead };
    }
    if (this.stage === 'ended') throw new ArchiveRefused(DAMAGED);
    if (isTable(told)) {
      this.table = told;
      this.hash = createHash('sha256');
      this.count = 0;
      return { kind: 'table', table: told };
    }
    if (isFile(told)) {
      this.file = { key: told.file, bytes: told.bytes };
      this.left = told.bytes;
      this.hash = createHash('sha256');
      return { kind: 'file', file: this.file };
    }
    this.stage = 'ended';
    return { kind: 'end', sums: this.sumsOf(told as ArchiveSums) };
  }

  private content(): ArchivePart {
    const bytes = this.rest.subarray(0, this.left);
    this.rest = this.rest.subarray(bytes.length);
    this.left -= bytes.length;
    this.hash.update(bytes);
    return { kind: 'content', bytes };
  }

  private stored(file: ArchivedFile, told: unknown): ArchivePart {
    const sha256 = this.hash.digest('hex');
    if ((told as { sha256?: unknown }).sha256 !== sha256) throw new ArchiveRefused(DAMAGED);
    this.file = undefined;
    this.tally.add(file.key, file.bytes, sha256);
    return { kind: 'stored', file, sha256 };
  }

  private sumsOf(told: ArchiveSums): ArchiveSums {
    const files = this.tally.sums();
    if (told.files === undefined ? files.count > 0 : JSON.stringify(told.files) !== JSON.stringify(files))
      throw new ArchiveRefused(DAMAGED);
    return told;
  }

  /** Those that have come whole. What is left begins with a line. */
  private *rows(table: ArchivedTable): Generator<ArchivePart> {
    const end = endOf(this.rest);
    const bytes = this.rest.subarray(0, end ?? this.rest.lastIndexOf(NEWLINE) + 1);
    this.rest = this.rest.subarray(bytes.length + (end === undefined ? 0 : OVER.length));
    if (bytes.length > 0) {
      const count = linesIn(bytes);
      this.hash.update(bytes);
      this.count += count;
      yield { kind: 'rows', table, rows: { bytes, count } };
    }
    if (end === undefined) return;
    this.table = undefined;
    const { plane, table: name } = table;
    yield { kind: 'sum', table, sum: { plane, table: name, rows: this.count, sha256: this.hash.digest('hex') } };
  }
}

const isTable = (told: unknown): told is ArchivedTable => typeof told === 'object' && told !== null && 'table' in told;
const isFile = (told: unknown): told is { readonly file: string; readonly bytes: number } =>
  typeof told === 'object' && told !== null && 'file' in told;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ArchiveRefused(DAMAGED, { cause: error });
  }
}

/** Where the line is that ends a table; a row may end with the same characters. */
function endOf(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(OVER); at >= 0; at = bytes.indexOf(OVER, at + 1))
    if (at === 0 || bytes[at - 1] === NEWLINE) return at;
  return undefined;
}

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
