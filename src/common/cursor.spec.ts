import { describe, it, expect } from '@jest/globals';
import { decodeCursor, encodeCursor } from './cursor.js';

const VALUES = ['2026-11-20T15:53:55.120Z', null, 7, true, 'Müller ☃'];
const cursor = encodeCursor(VALUES, 'crm_leads\n-created_at');

describe('a cursor', () => {
  it('gives its values back to the list that it was made for', () => {
    expect(decodeCursor(cursor, 'crm_leads\n-created_at')).toEqual(VALUES);
  });
  it('is not taken by a list with another sort or filter', () => {
    expect(decodeCursor(cursor, 'crm_leads\ncreated_at')).toBeUndefined();
  });
  it('is not taken when any one character of it was changed', () => {
    for (let at = 0; at < cursor.length; at++) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      const changed = cursor.slice(0, at) + other + cursor.slice(at + 1);
      expect(decodeCursor(changed, 'crm_leads\n-created_at')).toBeUndefined();
    }
  });
  it.each(['', 'x', '....', `${cursor}=`, `${cursor}A`, ` ${cursor}`, cursor.slice(0, -2), 'null'])(
    'is not %j',
    (text) => {
      expect(decodeCursor(text, 'crm_leads\n-created_at')).toBeUndefined();
    },
  );
});
