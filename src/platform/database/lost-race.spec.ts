import { describe, expect, it } from '@jest/globals';
import { TRIES, untilWon } from './lost-race.js';

describe('a transaction that lost a race', () => {
  const losing = (times: number, code: string) => {
    let runs = 0;
    const transact = () =>
      ++runs <= times ? Promise.reject(Object.assign(new Error('lost'), { code })) : Promise.resolve(runs);
    return { transact, runs: () => runs };
  };

  it.each(['40001', '40P01'])('is run again after %s', async (code) => {
    expect(await untilWon(losing(TRIES - 1, code).transact)).toBe(TRIES);
  });

  it('is given up after some tries', async () => {
    const { transact, runs } = losing(TRIES, '40P01');
    await expect(untilWon(transact)).rejects.toMatchObject({ code: '40P01' });
    expect(runs()).toBe(TRIES);
  });

  it('is not run again for anything else', async () => {
    const { transact, runs } = losing(1, '23505');
    await expect(untilWon(transact)).rejects.toMatchObject({ code: '23505' });
    expect(runs()).toBe(1);
  });
});
