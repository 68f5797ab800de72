import { describe, it, expect } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { BoundedQueue, QueueFull } from './bounded-queue.js';

/** Pieces of work that end when they are told to. */
function works() {
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  return {
    started,
    work: (name: string) => () =>
      new Promise<string>((resolve, reject) => {
        started.push(name);
        ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
      }),
    end: async (name: string, error?: Error) => {
      ends.get(name)?.(error);
      await turn();
    },
  };
}

describe('BoundedQueue', () => {
  it('runs no more at once than it may, and the others in their order', async () => {
    const { started, work, end } = works();
    const queue = new BoundedQueue(2, 10);
    const answers = ['a', 'b', 'c', 'd'].map((name) => queue.run(work(name)));
    await turn();
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('a');
    await end('c');
    await end('d');
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('turns away at once whoever would wait behind too many, and takes others again later', async () => {
    const { started, work, end } = works();
    const queue = new BoundedQueue(1, 1);
    const first = queue.run(work('first'));
    const second = queue.run(work('second'));
    await expect(queue.run(work('third'))).rejects.toThrow(QueueFull);
    await end('first');
    const fourth = queue.run(work('fourth'));
    await end('second');
    await end('fourth');
    await Promise.all([first, second, fourth]);
    expect(started).toEqual(['first', 'second', 'fourth']);
  });

  it('gives the place of work that failed to the next', async () => {
    const { work, end } = works();
    const queue = new BoundedQueue(1, 5);
    const failing = queue.run(work('failing'));
    const next = queue.run(work('next'));
    await turn();
    const failed = expect(failing).rejects.toThrow('no');
    await end('failing', new Error('no'));
    await failed;
    await end('next');
    expect(await next).toBe('next');
  });
});
