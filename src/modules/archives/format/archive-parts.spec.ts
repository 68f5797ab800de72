import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ArchivePart } from './archive-parts.js';
import { partsOf } from './archive-parts.js';

const LEADS = '{"plane":"tenant","table":"crm_leads","columns":[]}';
/** A row that ends as the line does which ends a table. */
const ROWS = 'a\tb\nc\t\\\\.\n\\\\.\n';
const TABLES = `{"version":"1"}\n${LEADS}\n${ROWS}\\.\n{"plane":"core","table":"menus","columns":[]}\n\\.\n`;
/** Files that look like what stands around them. */
const FILES = [
  ['files/a', '\\.\n{"tables":[]}\n'],
  ['files/empty', ''],
  ['files/b', '{"sha256":"x"}'],
] as const;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const FILE_LINES = FILES.map(
  ([key, text]) => `{"file":"${key}","bytes":${text.length}}\n${text}{"sha256":"${sha256(text)}"}\n`,
).join('');
const SUMS = {
  count: FILES.length,
  bytes: FILES.reduce((sum, [, text]) => sum + text.length, 0),
  sha256: sha256(FILES.map(([key, text]) => `${key}\t${text.length}\t${sha256(text)}\n`).join('')),
};
const TEXT = `${TABLES}${FILE_LINES}${JSON.stringify({ tables: [], files: SUMS })}\n`;

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
async function parts(text: string, size: number): Promise<ArchivePart[]> {
  const found: ArchivePart[] = [];
  for await (const part of partsOf(inPieces(text, size))) found.push(part);
  return found;
}

describe('the parts of an archive', () => {
  it.each([1, 2, 3, 7, 1_000])('are the same in pieces of %d bytes', async (size) => {
    const found = await parts(TEXT, size);
    const rows = found.flatMap((part) => (part.kind === 'rows' ? [part.rows.bytes.toString()] : []));
    expect(rows.join('')).toBe(ROWS);
    expect(found.flatMap(({ kind }) => (kind === 'rows' || kind === 'content' ? [] : [kind]))).toEqual([
      ...['head', 'table', 'sum', 'table', 'sum'],
      ...['file', 'stored', 'file', 'stored', 'file', 'stored', 'end'],
    ]);
    const bytes = found.flatMap((part) => (part.kind === 'content' ? [part.bytes.toString()] : []));
    expect(bytes.join('')).toBe(FILES.map(([, text]) => text).join(''));
    expect(found.at(-1)).toEqual({ kind: 'end', sums: { tables: [], files: SUMS } });
    expect(found).toContainEqual(
      expect.objectContaining({ sum: expect.objectContaining({ table: 'crm_leads', rows: 3 }) }),
    );
  });

  it('of the time before there were files say nothing of them', async () => {
    const found = await parts(`${TABLES}{"tables":[]}\n`, 7);
    expect(found.at(-1)).toEqual({ kind: 'end', sums: { tables: [] } });
  });

  it.each([
    ['with another byte', TEXT.replace('"x"}', '"y"}')],
    ['with a file less', TEXT.replace(/\{"file":"files\/empty".*\n.*\n/, '')],
    ['with files that nobody counts', `${TABLES}${FILE_LINES}{"tables":[]}\n`],
    ['with another key', TEXT.replace('files/b', 'files/c')],
  ])('are refused %s', async (_, text) => {
    await expect(parts(text, 16)).rejects.toThrow('damaged');
  });

  it.each([10, 60, 80, TABLES.length + 40, TEXT.length - 3])('are refused when they end at byte %d', async (length) => {
    await expect(parts(TEXT.slice(0, length), 16)).rejects.toThrow('damaged');
  });
});
