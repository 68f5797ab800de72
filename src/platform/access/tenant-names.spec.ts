import { afterEach, describe, it, expect, beforeEach, jest } from '@jest/globals';
import { newId, ZERO_ID } from '../../common/ids.js';
import { Freshness } from './freshness.js';
import type { HostName } from './host-name.js';
import { TenantDirectory, TenantNames } from './tenant-names.js';

const acme = newId();

class Directory extends TenantDirectory {
  only: string | undefined;
  asked = 0;
  readonly ids = new Map([['acme', acme]]);
  during = (): void => {};

  async find(codeOrId: string): Promise<string | undefined> {
    this.asked++;
    const found = this.ids.get(codeOrId.toLowerCase());
    this.during();
    return found;
  }
  async findByHost(host: HostName): Promise<string | undefined> {
    return this.find(host.kind === 'subdomain' ? host.subdomain : host.domain);
  }
}

describe('TenantNames', () => {
  let directory: Directory;
  let freshness: Freshness;
  let names: TenantNames;
  beforeEach(() => {
    directory = new Directory();
    freshness = new Freshness();
    freshness.trust(new Map());
    names = new TenantNames(directory, freshness, { baseDomain: 'example.com' });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('asks once for a tenant that is, each time for one that is not', async () => {
    expect(names.peek('Acme')).toBeUndefined();
    expect(await names.find('Acme')).toBe(acme);
    expect(names.peek('Acme')).toBe(acme);
    expect(await names.find('globex')).toBeUndefined();
    expect(names.peek('globex')).toBeUndefined();
  });

  it('asks once for a host that is a tenant’s, and at once for all who ask', async () => {
    expect(names.peekByHost('Acme.example.com:3000')).toBeUndefined();
    expect(await Promise.all([1, 2, 3].map(() => names.findByHost('Acme.example.com:3000')))).toEqual([
      acme,
      acme,
      acme,
    ]);
    expect(names.peekByHost('Acme.example.com:3000')).toBe(acme);
    expect(await names.findByHost('Acme.example.com:3000')).toBe(acme);
    expect(directory.asked).toBe(1);
  });

  it('does not let those who ask after a change wait for what was asked before it', async () => {
    const before = names.findByHost('acme.example.com');
    freshness.drop(newId());
    directory.ids.clear();
    freshness.drop(acme);
    const after = names.findByHost('acme.example.com');
    expect([await before, await after]).toEqual([acme, null]);
  });

  it('asks about a host that is nobody’s again after two seconds', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    expect(await names.findByHost('www.example.com')).toBeNull();
    clock.mockReturnValue(2_999);
    expect(names.peekByHost('www.example.com')).toBeNull();
    clock.mockReturnValue(3_000);
    expect(names.peekByHost('www.example.com')).toBeUndefined();
    directory.ids.set('www', acme);
    expect(await names.findByHost('www.example.com')).toBe(acme);
  });

  it('asks about a host that is nobody’s again when any tenant has changed: it may be that one’s now', async () => {
    expect(await names.findByHost('www.example.com')).toBeNull();
    expect(names.peekByHost('www.example.com')).toBeNull();
    directory.ids.set('www', acme);
    freshness.drop(newId());
    expect(names.peekByHost('www.example.com')).toBeUndefined();
    expect(await names.findByHost('www.example.com')).toBe(acme);
  });

  it.each(['127.0.0.1:3000', '[::1]:3000', 'localhost', 'example.com', 'EXAMPLE.com.:80', 'x'.repeat(1_000), ''])(
    'knows without asking that %s is nobody’s',
    async (host) => {
      expect(await names.findByHost(host)).toBeNull();
      expect(names.peekByHost(host)).toBeNull();
      expect(directory.asked).toBe(0);
    },
  );

  it('takes no host where one tenant alone is served, and none where there is none', async () => {
    expect(await names.findByHost(undefined)).toBeNull();
    directory.only = acme;
    expect(await names.findByHost('acme.example.com')).toBeNull();
    expect(directory.asked).toBe(0);
  });

  it.each([
    ['the tenant changes', () => freshness.drop(acme)],
    ['everything changes', () => freshness.drop(ZERO_ID)],
    ['changes go unheard', () => freshness.distrust()],
    [
      'changes went unheard',
      () =>
        freshness.trust(
          new Map([
            [ZERO_ID, '0'],
            [acme, '0'],
          ]),
        ),
    ],
  ])('forgets when %s', async (_, happens) => {
    await names.find('acme');
    await names.findByHost('acme.example.com');
    happens();
    expect(names.peek('acme')).toBeUndefined();
    expect(names.peekByHost('acme.example.com')).toBeUndefined();
  });

  it('does not keep what was found while something changed', async () => {
    directory.during = () => freshness.drop(acme);
    expect(await names.find('acme')).toBe(acme);
    expect(names.peek('acme')).toBeUndefined();
    expect(await names.findByHost('acme.example.com')).toBe(acme);
    expect(names.peekByHost('acme.example.com')).toBeUndefined();
  });
});
