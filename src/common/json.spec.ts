import { describe, it, expect } from '@jest/globals';
import { faultOfJson, faultOfNumbers, MAX_JSON_DEPTH, writtenBytes } from './json.js';

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

describe('faultOfNumbers', () => {
  it.each([
    '[9007199254740991,-9007199254740992,9007199254740994]',
    '[1000000000000000000000,12345678901234567000,18446744073709552000]',
    '[0.12345678901234567890,1.2345678901234567e30,12345678901234567e0,1e-0000000000000016]',
    '{"a 12345678901234567890":"12345678901234567890","b":"\\"","c":"\\\\12345678901234567890"}',
  ])('finds nothing in %s', (text) => {
    expect(faultOfNumbers(text)).toBeUndefined();
  });
  it.each([
    '9007199254740993',
    '[1,-12345678901234567890]',
    '{"a":"\\"","b":12345678901234567890}',
    '[0.1,9007199254740993]',
  ])('finds a number that would become another in %s', (text) => {
    expect(faultOfNumbers(text)).toMatchObject({ code: 'not_exact' });
  });
  it('is not held up by long texts and numbers', () => {
    const begun = performance.now();
    faultOfNumbers(`["${'\\"'.repeat(250_000)}","${'1'.repeat(250_000)}",${'1'.repeat(300)}]`);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

describe('writtenBytes', () => {
  it.each([
    [null, 5],
    ['ä"', 6],
    [12.5, 4],
    [1e300, 306],
    [1e-300, 306],
    [{}, 2],
    [{ a: [1, 2] }, 17],
  ])('counts %j as %d', (value, bytes) => {
    expect(writtenBytes(value)).toBe(bytes);
  });
});
