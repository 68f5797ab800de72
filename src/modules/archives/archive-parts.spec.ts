import { describe, expect, it } from '@jest/globals';
import type { ArchivePart } from './archive-parts.js';
import { partsOf } from './archive-parts.js';

const LEADS = '{"plane":"tenant","table":"crm_leads","columns":[]}';
/** A row that ends as the line does which ends a table. */
const ROWS = 'a\tb\nc\t\\\\.\n\\\\.\n';
const TEXT = `{"version":"1"}\n${LEADS}\n${ROWS}\\.\n{"plane":"core","table":"menus","columns":[]}\n\\.\n{"tables":[]}\n`;

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
    expect(found.filter(({ kind }) => kind !== 'rows').map(({ kind }) => kind)).toEqual([
      ...['head', 'table', 'sum', 'table', 'sum', 'end'],
    ]);
    expect(found).toContainEqual(
      expect.objectContaining({ sum: expect.objectContaining({ table: 'crm_leads', rows: 3 }) }),
    );
  });

  it.each([10, 60, 80, TEXT.length - 3])('are refused when they end at byte %d', async (length) => {
    await expect(parts(TEXT.slice(0, length), 16)).rejects.toThrow('damaged');
  });
});
