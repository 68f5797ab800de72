import { describe, it, expect, beforeEach } from '@jest/globals';
import { newId, ZERO_ID } from '../../common/ids.js';
import { Freshness } from './freshness.js';
import { TenantDirectory, TenantNames } from './tenant-names.js';

const acme = newId();

class Directory extends TenantDirectory {
  readonly only = undefined;
  asked = 0;
  readonly ids = new Map([['acme', acme]]);
  during = (): void => {};

  async find(codeOrId: string): Promise<string | undefined> {
    this.asked++;
    const found = this.ids.get(codeOrId.toLowerCase());
    this.during();
    return found;
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
    names = new TenantNames(directory, freshness);
  });

  it('asks once for a tenant that is, each time for one that is not', async () => {
    expect(names.peek('Acme')).toBeUndefined();
    expect(await names.find('Acme')).toBe(acme);
    expect(names.peek('Acme')).toBe(acme);
    expect(await names.find('globex')).toBeUndefined();
    expect(names.peek('globex')).toBeUndefined();
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
    happens();
    expect(names.peek('acme')).toBeUndefined();
  });

  it('does not keep what was found while something changed', async () => {
    directory.during = () => freshness.drop(acme);
    expect(await names.find('acme')).toBe(acme);
    expect(names.peek('acme')).toBeUndefined();
  });
});
