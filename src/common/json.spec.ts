import { describe, it, expect } from '@jest/globals';
import { faultOfJson, MAX_JSON_DEPTH } from './json.js';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('faultOfJson', () => {
  it.each([
    null,
    true,
    0,
    1e308,
    '',
    'text ☃ 𝄞',
    [],
    {},
    { a: [{ b: 'c' }], prototype: 1, proto: 2, length: 3 },
    nested(MAX_JSON_DEPTH),
  ])('finds nothing in %j', (value) => {
    expect(faultOfJson(value)).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['"\\u0000"', '', 'nul_character'],
    ['{"a":[1,{"b":"x\\u0000y"}]}', 'a.1.b', 'nul_character'],
    ['{"a\\u0000":1}', 'a\0', 'nul_character'],
    ['["\\ud800"]', '0', 'lone_surrogate'],
    ['["ok","\\udc00\\ud800"]', '1', 'lone_surrogate'],
    ['{"x\\ud800":1}', 'x\ufffd', 'lone_surrogate'],
    ['{"a":1e400}', 'a', 'not_finite'],
    ['{"a":-1e400}', 'a', 'not_finite'],
    ['{"__proto__":{"admin":true}}', '__proto__', 'forbidden_property'],
    ['{"a":{"__proto__":null}}', 'a.__proto__', 'forbidden_property'],
    ['{"constructor":{"prototype":{"admin":true}}}', 'constructor', 'forbidden_property'],
    ['{"a":{"hasOwnProperty":1}}', 'a.hasOwnProperty', 'forbidden_property'],
  ])('finds the fault in %s', (text, path, code) => {
    expect(faultOfJson(JSON.parse(text))).toMatchObject({ path, code });
  });

  it.each([MAX_JSON_DEPTH + 1, 50_000])('refuses %d levels without overflowing the stack', (levels) => {
    expect(faultOfJson(nested(levels))).toMatchObject({ code: 'too_deep' });
    expect(faultOfJson({ a: nested(levels) })?.code).toBe('too_deep');
  });

  it('gives back no more of a huge key than a path needs', () => {
    const fault = faultOfJson({ ['k'.repeat(500_000)]: '\0' });
    expect(fault?.path).toHaveLength(100);
  });
});
