import { describe, it, expect } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { BatchedOutput } from './batched-output.js';

const recorder = () => {
  const written: string[] = [];
  let flushes = 0;
  const output = new BatchedOutput({ write: (text) => written.push(text), flushSync: () => flushes++ });
  return { output, written, flushes: () => flushes };
};

describe('BatchedOutput', () => {
  it('hands lines on together, in their order, within a moment', async () => {
    const { output, written } = recorder();
    output.write('a\n');
    output.write('b\n');
    expect(written).toEqual([]);
    await wait(80);
    output.write('c\n');
    await wait(80);
    expect(written).toEqual(['a\nb\n', 'c\n']);
  });
  it('does not wait once there is much', () => {
    const { output, written } = recorder();
    for (let i = 0; i < 20; i++) output.write('x'.repeat(1000));
    expect(written).toEqual(['x'.repeat(17_000)]);
  });
  it('writes what waits when it is flushed', () => {
    const { output, written, flushes } = recorder();
    output.write('last\n');
    output.flushSync();
    expect([written, flushes()]).toEqual([['last\n'], 1]);
  });
});
