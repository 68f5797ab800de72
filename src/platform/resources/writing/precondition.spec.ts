import { describe, it, expect } from '@jest/globals';
import { versionsOf } from './precondition.js';

describe('versionsOf', () => {
  it.each([undefined, '*', ' * '])('lets any version pass for %j', (header) => {
    expect(versionsOf(header)).toBeUndefined();
  });
  it.each<[string, number[]]>([
    ['"3"', [3]],
    ['"1", "2" ,"30"', [1, 2, 30]],
    ['W/"3"', []],
    ['W/"3", "4"', [4]],
    ['3', []],
    ['', []],
    ['"03"', []],
    ['"0"', []],
    ['"9999999999"', []],
    ['"x"', []],
  ])('takes the strong tags of %j', (header, versions) => {
    expect(versionsOf(header)).toEqual(versions);
  });
});
