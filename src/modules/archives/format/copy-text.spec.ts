import { describe, expect, it } from '@jest/globals';
import { rowsOf } from './copy-text.js';

describe('rows in the text format of COPY', () => {
  it('are values as they were, and null', () => {
    const bytes = Buffer.from('a\\tb\t\\N\t\\\\N\t\n\\\\.\tü\\nü\t{"a": "\\\\""}\t\\\\x00ff\n');
    expect(rowsOf(bytes)).toEqual([
      ['a\tb', null, '\\N', ''],
      ['\\.', 'ü\nü', '{"a": "\\""}', '\\x00ff'],
    ]);
  });
});
