import { hash } from 'node:crypto';

/** Characters of the check: a cursor that was changed by chance or by hand is noticed, and nothing hangs on it but paging. */
const CHECK_LENGTH = 12;

/** The values of the last row's sort columns. */
export type CursorValue = string | number | boolean | null;

/**
 * An opaque cursor: where a page ended, bound to the list that it belongs to. `binding` says in a stable way what was
 * listed (table, sort, filters); with another one the cursor is not taken.
 */
export function encodeCursor(values: readonly CursorValue[], binding: string): string {
  const json = JSON.stringify(values);
  return Buffer.from(checkOf(json, binding) + json).toString('base64url');
}

/** The values of a cursor, or undefined for one that was changed, made for another list, or never was one. */
export function decodeCursor(cursor: string, binding: string): readonly CursorValue[] | undefined {
  const bytes = Buffer.from(cursor, 'base64url');
  // the decoder skips what is no base64url
  if (bytes.toString('base64url') !== cursor) return undefined;
  const text = bytes.toString();
  const json = text.slice(CHECK_LENGTH);
  if (json === '' || checkOf(json, binding) !== text.slice(0, CHECK_LENGTH)) return undefined;
  return valuesOf(json);
}

const checkOf = (json: string, binding: string): string =>
  hash('sha256', `${binding}\n${json}`, 'base64url').slice(0, CHECK_LENGTH);

/** Whoever knows how the check is made can make one: what it holds is looked at all the same. */
function valuesOf(json: string): readonly CursorValue[] | undefined {
  try {
    const values: unknown = JSON.parse(json);
    return Array.isArray(values) && values.every(isCursorValue) ? values : undefined;
  } catch {
    return undefined;
  }
}

const isCursorValue = (value: unknown): value is CursorValue =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
