import { describe, expect, it } from '@jest/globals';
import { layOut } from './table.js';

describe('a table', () => {
  it('is as wide as its widest cell in each column, numbers to the right', () => {
    expect(
      layOut(
        ['schema', 'tables'],
        [
          ['core', 19],
          ['tenant_acme_0badcafe', 6],
        ],
      ),
    ).toEqual([
      'schema                tables',
      '────────────────────  ──────',
      'core                      19',
      'tenant_acme_0badcafe       6',
    ]);
  });

  it('leaves no space at the end of a line', () => {
    expect(layOut(['a', 'b'], [['long enough', '']])).toEqual(['a            b', '───────────  ─', 'long enough']);
  });
});
