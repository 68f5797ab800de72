import { describe, expect, it } from '@jest/globals';
import { isDomain, isReserved, isSubdomain, TENANT_CODE } from './names.js';

describe('names of tenants', () => {
  it.each(['siteA', 'a1', '0x', 'my-shop_2', 'A'.repeat(50)])('takes the code %s', (code) => {
    expect(TENANT_CODE.test(code)).toBe(true);
  });
  it.each(['', 'a', '-ab', '_ab', 'a b', 'a.b', 'ä1', 'A'.repeat(51), 'ab\n'])('refuses the code %j', (code) => {
    expect(TENANT_CODE.test(code)).toBe(false);
  });
  it.each(['public', 'Core', 'SHARED', 'pg_catalog', 'PG-toast', 'www', 'api', 'admin'])('keeps %s back', (name) => {
    expect(isReserved(name)).toBe(true);
  });
  it.each(['siteA', 'administrators', 'apiary', 'pgx'])('does not keep %s back', (name) => {
    expect(isReserved(name)).toBe(false);
  });
  it.each(['siteA.com', 'app.example.co.uk', 'xn--bcher-kva.example', '1and1.de'])('takes the domain %s', (domain) => {
    expect(isDomain(domain)).toBe(true);
  });
  it.each([
    '',
    'com',
    'a..b',
    '-a.com',
    'a-.com',
    'a b.com',
    '1.2.3.4',
    'a.com.',
    'http://a.com',
    `${'a'.repeat(64)}.com`,
  ])('refuses the domain %j', (domain) => {
    expect(isDomain(domain)).toBe(false);
  });
  it('takes one label for a subdomain', () => {
    expect(['acme', 'a', 'a-b', '1'].every(isSubdomain)).toBe(true);
    expect(['', 'a.b', 'a_b', '-a', 'a-', 'a'.repeat(64)].some(isSubdomain)).toBe(false);
  });
});
