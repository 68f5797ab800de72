import { afterAll, beforeAll, describe, it, expect, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Health, type HealthCheck } from './health.js';

const told: string[] = [];
beforeAll(() => {
  Logger.overrideLogger({
    log: (line: string) => told.push(line),
    warn: (line: { message: string }) => told.push(line.message),
    error: () => {},
  });
});
afterAll(() => {
  Logger.overrideLogger(false);
});

const checkOf = (name: string, check: () => Promise<void>): HealthCheck => ({ name, check });
const passing = (name: string) => checkOf(name, () => Promise.resolve());

describe('Health', () => {
  it('is ready when every check passes', async () => {
    const health = new Health([passing('database'), passing('listener')]);
    expect(await health.ready()).toEqual({ status: 'ready', checks: { database: 'ok', listener: 'ok' } });
  });
  it('is unavailable when one fails, and tells why in the log alone', async () => {
    const health = new Health([passing('database'), checkOf('listener', () => Promise.reject(new Error('secret')))]);
    const answer = await health.ready();
    expect(answer).toEqual({ status: 'unavailable', checks: { database: 'ok', listener: 'unavailable' } });
    expect(told).toContain('listener is unavailable');
  });
  it('asks at most once a second, and once for all who ask at the same time', async () => {
    jest.useFakeTimers();
    let asked = 0;
    let fails = false;
    const health = new Health([
      checkOf('database', () => {
        asked++;
        return fails ? Promise.reject(new Error('away')) : Promise.resolve();
      }),
    ]);
    await Promise.all([health.ready(), health.ready(), health.ready()]);
    fails = true;
    await health.ready();
    expect(asked).toBe(1);
    jest.advanceTimersByTime(1001);
    expect((await health.ready()).status).toBe('unavailable');
    expect(asked).toBe(2);
    jest.useRealTimers();
  });
  it('gives a check two seconds, and asks no second time meanwhile', async () => {
    jest.useFakeTimers();
    let asked = 0;
    const health = new Health([
      checkOf('database', () => {
        asked++;
        return new Promise(() => {});
      }),
    ]);
    const first = health.ready();
    await jest.advanceTimersByTimeAsync(1500);
    const second = health.ready();
    await jest.advanceTimersByTimeAsync(600);
    expect(await first).toEqual({ status: 'unavailable', checks: { database: 'unavailable' } });
    expect(await second).toBe(await first);
    expect(asked).toBe(1);
    jest.useRealTimers();
  });
  it('says once that a check fails and once that it is back', async () => {
    jest.useFakeTimers();
    told.length = 0;
    let fails = true;
    const health = new Health([checkOf('queue', () => (fails ? Promise.reject(new Error('x')) : Promise.resolve()))]);
    for (const failing of [true, true, false, false]) {
      fails = failing;
      await health.ready();
      jest.advanceTimersByTime(1001);
    }
    expect(told).toEqual(['queue is unavailable', 'queue is back']);
    jest.useRealTimers();
  });
  it('is not ready from the moment it stops', async () => {
    const health = new Health([passing('database')]);
    await health.ready();
    health.onModuleDestroy();
    expect(await health.ready()).toEqual({ status: 'unavailable', checks: { process: 'stopping' } });
  });
});
