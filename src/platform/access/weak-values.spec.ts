import { describe, it, expect } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WeakValues } from './weak-values.js';

describe('WeakValues', () => {
  it('gives the same object for the same key, and makes it once', () => {
    const values = new WeakValues<{ value: string }>();
    const first = values.getOrMake('a', () => ({ value: 'first' }));
    expect(values.getOrMake('a', () => ({ value: 'second' }))).toBe(first);
    const other = values.getOrMake('b', () => ({ value: 'third' }));
    expect([...values.entries()]).toEqual([
      ['a', first],
      ['b', other],
    ]);
  });

  it('makes another after the first was deleted or all were cleared', () => {
    const values = new WeakValues<object>();
    const first = values.getOrMake('a', () => ({}));
    values.delete('a');
    expect(values.get('a')).toBeUndefined();
    const second = values.getOrMake('a', () => ({}));
    expect(second).not.toBe(first);
    values.clear();
    expect(values.getOrMake('a', () => ({}))).not.toBe(second);
  });

  it('forgets what nobody holds', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const values = new WeakValues<object>();
    for (let key = 0; key < 1_000; key++) values.getOrMake(String(key), () => ({ key }));
    const held = values.getOrMake('held', () => ({}));
    for (let tries = 0; values.size > 1 && tries < 50; tries++) {
      await wait(5);
      collect();
    }
    expect([...values.entries()]).toEqual([['held', held]]);
  });
});
