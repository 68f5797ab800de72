import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { setImmediate as turn } from 'node:timers/promises';
import { Problem } from '../../common/problem.js';
import { Afterwards } from './afterwards.js';

describe('Afterwards', () => {
  it('does one piece of work after the other, and the end of the process waits for all of them', async () => {
    const afterwards = new Afterwards();
    const done: string[] = [];
    const piece = (name: string) => async (): Promise<void> => {
      done.push(`${name} begins`);
      await turn();
      done.push(`${name} ends`);
    };
    afterwards.run(piece('a'));
    afterwards.run(piece('b'));
    expect(done).toEqual([]);
    await afterwards.beforeApplicationShutdown();
    expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('logs what fails, and goes on', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const afterwards = new Afterwards();
    let done = false;
    afterwards.run(() => Promise.reject(new Error('no database')));
    afterwards.run(() => {
      done = true;
      return Promise.resolve();
    });
    await afterwards.beforeApplicationShutdown();
    expect(done).toBe(true);
    expect(error).toHaveBeenCalledTimes(1);
    error.mockRestore();
  });

  it('turns away what would wait behind too much, and takes more again later', async () => {
    const afterwards = new Afterwards();
    let refused: unknown;
    for (let n = 0; n < 1_000; n++) afterwards.run(() => Promise.resolve());
    try {
      afterwards.run(() => Promise.resolve());
    } catch (error) {
      refused = error;
    }
    expect(refused instanceof Problem && refused.code).toBe('unavailable');
    await afterwards.beforeApplicationShutdown();
    expect(() => afterwards.run(() => Promise.resolve())).not.toThrow();
  });
});
