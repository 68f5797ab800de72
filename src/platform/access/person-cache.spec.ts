import { describe, it, expect, beforeEach } from '@jest/globals';
import { Stamp } from './freshness.js';
import { PersonCache } from './person-cache.js';

describe('PersonCache', () => {
  let cache: PersonCache<string>;
  let stamp: Stamp;
  const keep = (user: string, organizationId: string | null, value: string, bytes = 100) =>
    cache.set(user, { organizationId, value, stamp, bytes });
  const valueOf = (user: string, organizationId: string | null) => cache.get(user, organizationId)?.value;
  beforeEach(() => {
    cache = new PersonCache(1_000);
    stamp = new Stamp();
  });

  it('keeps one value for each tenant of a person', () => {
    keep('ann', 'acme', 'first');
    keep('ann', null, 'platform');
    keep('bob', 'acme', 'other');
    keep('ann', 'acme', 'second');
    expect(valueOf('ann', 'acme')).toBe('second');
    expect(valueOf('ann', null)).toBe('platform');
    expect(valueOf('bob', 'acme')).toBe('other');
    expect(valueOf('ann', 'globex')).toBeUndefined();
    expect(cache.size.bytes).toBe(300);
  });

  it('deletes what it has of one tenant alone', () => {
    keep('ann', 'acme', 'here');
    keep('ann', 'globex', 'there');
    cache.delete('ann', 'acme');
    expect([valueOf('ann', 'acme'), valueOf('ann', 'globex')]).toEqual([undefined, 'there']);
    cache.delete('ann', 'globex');
    cache.delete('ann', 'globex');
    expect(cache.size.bytes).toBe(0);
  });

  it('lets those go first who were not asked for', () => {
    for (let person = 0; person < 10; person++) keep(`user ${person}`, 'acme', '');
    expect(valueOf('user 0', 'acme')).toBe('');
    keep('late', 'acme', '', 250);
    expect(cache.size.bytes).toBeLessThanOrEqual(1_000);
    expect([valueOf('user 0', 'acme'), valueOf('user 1', 'acme'), valueOf('user 9', 'acme')]).toEqual([
      '',
      undefined,
      '',
    ]);
  });

  it('keeps the newest few tenants of one person, without those that are stale', () => {
    for (let tenant = 0; tenant < 20; tenant++) keep('root', `tenant ${tenant}`, '', 1);
    expect([valueOf('root', 'tenant 19'), valueOf('root', 'tenant 12'), valueOf('root', 'tenant 11')]).toEqual([
      '',
      '',
      undefined,
    ]);
    expect(cache.size.bytes).toBe(8);
    stamp.drop();
    stamp = new Stamp();
    keep('root', 'new', '', 1);
    expect(cache.size.bytes).toBe(1);
  });

  it('does not keep what is larger than all of it may be', () => {
    keep('ann', 'acme', '', 2_000);
    expect(valueOf('ann', 'acme')).toBeUndefined();
  });
});
