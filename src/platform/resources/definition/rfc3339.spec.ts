import { describe, it, expect } from '@jest/globals';
import { isDate, isTime } from './rfc3339.js';

describe('isDate', () => {
  it.each(['2026-11-20', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'])('takes %s', (text) => {
    expect(isDate(text)).toBe(true);
  });
  it.each([
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '0000-01-01',
    '26-1-1',
    '2026-11-20 ',
    '',
    'today',
  ])('refuses %j', (text) => {
    expect(isDate(text)).toBe(false);
  });
});

describe('isTime', () => {
  it.each([
    '2026-11-20T15:53:55Z',
    '2026-11-20T15:53:55.120Z',
    '2026-11-20t15:53:55.1z',
    '2026-11-20T23:59:59+05:30',
    '2026-11-20T00:00:00-12:00',
  ])('takes %s', (text) => {
    expect(isTime(text, 3)).toBe(true);
  });
  it.each([
    '2026-11-20',
    '2026-11-20T15:53:55',
    '2026-11-20 15:53:55Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T15:60:00Z',
    '2026-11-20T15:00:60Z',
    '2026-11-20T15:53:55.1234Z',
    '2026-02-30T15:53:55Z',
    '2026-11-20T15:53:55+99:00',
    '0001-01-01T00:00:00+01:00',
    '0000-01-01T00:00:00Z',
    '12026-11-20T15:53:55Z',
    'infinity',
    'now',
    '',
  ])('refuses %j', (text) => {
    expect(isTime(text, 3)).toBe(false);
  });
  it('takes a finer fraction where that is asked for', () => {
    expect(isTime('2026-11-20T15:53:55.123456Z', 9)).toBe(true);
  });
});
