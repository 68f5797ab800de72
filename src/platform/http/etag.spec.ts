import { describe, it, expect } from '@jest/globals';
import { etagOf, matches, noneMatchHolds } from './etag.js';

describe('etagOf', () => {
  it('is strong', () => {
    expect(etagOf(3)).toBe('"3"');
  });
});

describe('matches (If-Match)', () => {
  it.each(['"3"', '*', ' * ', '"1", "3"', '"1","2" , "3"', 'W/"3", "3"'])('lets version 3 pass with %s', (header) => {
    expect(matches(header, 3)).toBe(true);
  });
  it.each(['"2"', 'W/"3"', '3', '', '"33"', '"3', '"*"', '""', 'W/"1", W/"3"'])('stops version 3 with %j', (header) => {
    expect(matches(header, 3)).toBe(false);
  });
});

describe('noneMatchHolds (If-None-Match)', () => {
  it.each(['"3"', 'W/"3"', '*', '"1", W/"3"'])('holds for version 3 with %s', (header) => {
    expect(noneMatchHolds(header, 3)).toBe(true);
  });
  it.each(['"2"', '', '3'])('does not hold for version 3 with %j', (header) => {
    expect(noneMatchHolds(header, 3)).toBe(false);
  });
});
