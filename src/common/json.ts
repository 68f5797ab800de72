import type { FieldFault } from './problem-catalogue.js';

/** Levels of objects and arrays in a body: deeper ones overflow the stack of whoever walks them by recursion. */
export const MAX_JSON_DEPTH = 32;
/** Longest part of a caller's own key that comes back to him in a path. */
export const MAX_PATH_PART = 100;
/** Looked up in a record, or copied onto one, these find or replace what every object has: class-validator takes them for known. */
const FORBIDDEN_KEYS = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * What makes a parsed JSON value unfit to be stored and given back as it came: more than 32 levels, a NUL character
 * (PostgreSQL has none in text), a lone surrogate (it would be stored as U+FFFD), a number too large for a double,
 * a key that every object inherits (`__proto__`, `constructor`, `toString` …). The first fault found, its path
 * relative to the value ('' is the value itself). `texts` false: the texts are known to be fit.
 */
export const faultOfJson = (value: unknown, texts = true): FieldFault | undefined => walk(value, MAX_JSON_DEPTH, texts);

/** The same for one text. */
export function faultOfText(text: string): FieldFault | undefined {
  if (text.includes('\0')) return { path: '', code: 'nul_character', message: 'must not contain the NUL character' };
  if (!text.isWellFormed()) return { path: '', code: 'lone_surrogate', message: 'must be well-formed Unicode' };
  return undefined;
}

/**
 * Bytes of a JSON value as PostgreSQL writes it, about: numbers without an exponent, so that `1e300` takes 301. At most
 * 32 levels deep.
 */
export function writtenBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(JSON.stringify(value));
  if (typeof value === 'number') return bytesOfNumber(String(value));
  if (typeof value !== 'object' || value === null) return 'false'.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + writtenBytes(item) + 2, 2);
  return Object.entries(value).reduce((sum, [key, item]) => sum + writtenBytes(key) + writtenBytes(item) + 4, 2);
}

function bytesOfNumber(text: string): number {
  const exponent = text.indexOf('e');
  return exponent === -1 ? text.length : text.length + Math.abs(Number(text.slice(exponent + 1)));
}

/** A text, which may hold digits, or a whole number of more digits than a double is sure to keep. */
const TEXT_OR_LONG_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * A whole number in a JSON text that parsing has changed: ids of 19 digits, as some systems write them, would be stored
 * and given back as others. @param text JSON, whose numbers are all finite
 */
export function faultOfNumbers(text: string): FieldFault | undefined {
  if (!/\d{16}/.test(text)) return undefined;
  for (const [token] of text.matchAll(TEXT_OR_LONG_NUMBER))
    if (!token.startsWith('"') && digitsOf(token) !== digitsOf(String(Number(token)))) return NOT_EXACT;
  return undefined;
}

/** What counts of a whole number, written out or with an exponent. */
const digitsOf = (number: string): string => number.replace(/^-|e.*$|\./g, '').replace(/0+$/, '');

// recursion goes no deeper than the levels allowed, whatever the value is
function walk(value: unknown, levels: number, texts: boolean): FieldFault | undefined {
  if (typeof value === 'string') return texts ? faultOfText(value) : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : NOT_FINITE;
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return TOO_DEEP;
  return Array.isArray(value) ? walkArray(value, levels - 1, texts) : walkObject(value, levels - 1, texts);
}

function walkArray(items: readonly unknown[], levels: number, texts: boolean): FieldFault | undefined {
  for (let i = 0; i < items.length; i++) {
    const fault = walk(items[i], levels, texts);
    if (fault) return under(String(i), fault);
  }
  return undefined;
}

function walkObject(object: object, levels: number, texts: boolean): FieldFault | undefined {
  for (const key of Object.keys(object)) {
    const fault = faultOfKey(key, texts) ?? walk(Reflect.get(object, key), levels, texts);
    if (fault) return under(key, fault);
  }
  return undefined;
}

function faultOfKey(key: string, texts: boolean): FieldFault | undefined {
  if (FORBIDDEN_KEYS.has(key)) return FORBIDDEN;
  return texts ? faultOfText(key) : undefined;
}

/** A path one level up; the caller's own key is cut to a length that can be answered. */
function under(key: string, fault: FieldFault): FieldFault {
  const part = key.slice(0, MAX_PATH_PART).toWellFormed();
  return { ...fault, path: fault.path ? `${part}.${fault.path}` : part };
}

const NOT_EXACT: FieldFault = {
  path: '',
  code: 'not_exact',
  message: 'has a whole number of more digits than are kept: write it as a text',
};
const NOT_FINITE: FieldFault = { path: '', code: 'not_finite', message: 'is beyond the range of numbers' };
const FORBIDDEN: FieldFault = { path: '', code: 'forbidden_property', message: 'is not allowed as a name' };
const TOO_DEEP: FieldFault = {
  path: '',
  code: 'too_deep',
  message: `must not have more than ${String(MAX_JSON_DEPTH)} levels`,
};
