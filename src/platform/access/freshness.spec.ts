import { describe, it, expect, beforeEach } from '@jest/globals';
import { newId, ZERO_ID } from '../../common/ids.js';
import { Freshness } from './freshness.js';

const [acme, globex] = [newId(), newId()];
const at = (organization: string, everything = '0') => ({ organization, everything });
const versions = (...list: [string, string][]) => new Map(list);

describe('Freshness', () => {
  let freshness: Freshness;
  beforeEach(() => {
    freshness = new Freshness();
    freshness.trust(versions());
  });

  it('gives all that is read about an organization one stamp', () => {
    expect(freshness.stampOf(acme)).toBe(freshness.stampOf(acme));
    expect(freshness.stampOf(acme)).not.toBe(freshness.stampOf(globex));
    expect(freshness.stampOf(null)).toBe(freshness.stampOf(ZERO_ID));
  });

  it('drops what was read about a changed organization, and nothing else', () => {
    const [one, other, platform] = [freshness.stampOf(acme), freshness.stampOf(globex), freshness.stampOf(null)];
    freshness.drop(acme);
    expect([one.fresh, other.fresh, platform.fresh]).toEqual([false, true, true]);
    expect(freshness.stampOf(acme).fresh).toBe(true);
  });

  it.each([
    ['the zero uuid', ZERO_ID],
    ['nothing', ''],
    ['what is no id', 'all'],
  ])('drops everything at a notification of %s', (_, payload) => {
    const stamps = [acme, globex, null].map((id) => freshness.stampOf(id));
    freshness.drop(payload);
    expect(stamps.map(({ fresh }) => fresh)).toEqual([false, false, false]);
    expect([acme, globex, null].map((id) => freshness.stampOf(id).fresh)).toEqual([true, true, true]);
  });

  it('leaves everything alone at a change of an organization that nothing was read about', () => {
    const stamp = freshness.stampOf(acme);
    freshness.drop(newId());
    expect(stamp.fresh).toBe(true);
  });

  it('drops a stamp under which two versions were read: its notification is on the way', () => {
    const [stamp, other] = [freshness.stampOf(acme), freshness.stampOf(globex)];
    stamp.learn(at('1'));
    stamp.learn(at('1'));
    other.learn(at('1'));
    expect([stamp.fresh, other.fresh]).toEqual([true, true]);
    stamp.learn(at('2'));
    expect([stamp.fresh, other.fresh]).toEqual([false, true]);
    other.learn(at('1', '1'));
    expect(other.fresh).toBe(false);
  });

  it('trusts nothing until changes are heard', () => {
    expect(new Freshness().trusted).toBe(false);
    freshness.distrust();
    expect(freshness.trusted).toBe(false);
  });

  it('keeps through an interruption what the database says is unchanged', () => {
    const [same, changed, unread, gone] = [acme, globex, newId(), newId()].map((id) => ({
      id,
      stamp: freshness.stampOf(id),
    }));
    same?.stamp.learn(at('4'));
    changed?.stamp.learn(at('7'));
    gone?.stamp.learn(at('0'));
    freshness.distrust();
    expect(freshness.known().sort()).toEqual([ZERO_ID, acme, globex, unread?.id, gone?.id].sort());
    freshness.trust(versions([ZERO_ID, '0'], [acme, '4'], [globex, '8'], [unread?.id ?? '', '1']));
    expect([same, changed, unread, gone].map((each) => each?.stamp.fresh)).toEqual([true, false, false, false]);
    expect(freshness.trusted).toBe(true);
  });

  it.each([
    ['changed', [ZERO_ID, '1']],
    ['cannot be told', ['', '']],
  ] as [string, [string, string]][])('drops everything when what all depend on %s', (_, everything) => {
    const stamp = freshness.stampOf(acme);
    stamp.learn(at('4'));
    freshness.distrust();
    freshness.trust(versions(everything, [acme, '4']));
    expect(stamp.fresh).toBe(false);
  });

  it('starts another period each time that it hears again', () => {
    const before = freshness.period;
    freshness.distrust();
    expect(freshness.period).toBe(before);
    freshness.trust(versions());
    expect(freshness.period).toBeGreaterThan(before);
  });
});
