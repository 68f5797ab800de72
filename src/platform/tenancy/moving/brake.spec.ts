import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { unhurried } from './brake.js';

it('rests for as long as a piece took, and gives what it gave', async () => {
  const began = performance.now();
  let worked = 0;
  const result = await unhurried(async () => {
    await sleep(60);
    worked = performance.now() - began;
    return 'piece';
  });
  expect(result).toBe('piece');
  expect(performance.now() - began - worked).toBeGreaterThanOrEqual(worked - 2);
});
