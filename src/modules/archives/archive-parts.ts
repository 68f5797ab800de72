import { createHash } from 'node:crypto';
import {
  type ArchivedRows,
  type ArchivedTable,
  type ArchiveHead,
  ArchiveRefused,
  DAMAGED,
  type TableSum,
} from './archive-format.js';

/** What comes of an archive, in its order. `sum`: a table is over, with what its rows have added up to. */
export type ArchivePart =
  | { readonly kind: 'head'; readonly head: ArchiveHead }
  | { readonly kind: 'table'; readonly table: ArchivedTable }
  | { readonly kind: 'rows'; readonly table: ArchivedTable; readonly rows: ArchivedRows }
  | { readonly kind: 'sum'; readonly table: ArchivedTable; readonly sum: TableSum }
  | { readonly kind: 'end'; readonly tables: readonly TableSum[] };

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
  private hash = createHash('sha256');
  private count = 0;

  *take(chunk: Buffer): Generator<ArchivePart> {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (let more = true; more;) {
      const before = this.rest.length;
      if (this.table === undefined) yield* this.line();
      else yield* this.rows(this.table);
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
    const told = JSON.parse(this.rest.toString('utf8', 0, end)) as unknown;
    this.rest = this.rest.subarray(end + 1);
    if (this.stage === 'head') {
      this.stage = 'between';
      yield { kind: 'head', head: told as ArchiveHead };
    } else if (this.stage === 'between' && isTable(told)) {
      this.table = told;
      this.hash = createHash('sha256');
      this.count = 0;
      yield { kind: 'table', table: told };
    } else if (this.stage === 'between') {
      this.stage = 'ended';
      yield { kind: 'end', tables: (told as { tables: TableSum[] }).tables };
    } else throw new ArchiveRefused(DAMAGED);
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
