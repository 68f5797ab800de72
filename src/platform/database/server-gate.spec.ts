import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ServerGate } from './server-gate.js';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
/** As PostgreSQL answers who wants to connect. */
const answered = (code: string) => Object.assign(new Error('no'), { severity: 'FATAL', code });

describe('ServerGate', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  let gate: ServerGate;
  beforeEach(() => {
    gate = new ServerGate('eu-1', 2);
  });
  const fail = (error: unknown) => gate.ended(gate.begin(), error);

  it('lets through so many at once', () => {
    expect(gate.free).toBe(2);
    const first = gate.begin();
    gate.begin();
    expect(gate.free).toBe(0);
    gate.ended(first);
    expect(gate.free).toBe(1);
  });

  it('refuses for a second after a failure, and tells why', () => {
    fail(refused);
    expect(gate.refusal()).toMatchObject({ message: 'the server eu-1 is away', cause: refused });
    jest.advanceTimersByTime(999);
    expect(gate.refusal()).toBeDefined();
    jest.advanceTimersByTime(1);
    expect(gate.refusal()).toBeUndefined();
    expect(gate.free).toBe(1);
  });

  it('lets one alone find out whether the server is back, again and again', () => {
    fail(refused);
    for (let failures = 0; failures < 3; failures++) {
      jest.advanceTimersByTime(1_000);
      const probe = gate.begin();
      expect(gate.refusal()).toBeDefined();
      gate.ended(probe, refused);
      expect(gate.refusal()).toBeDefined();
    }
    jest.advanceTimersByTime(1_000);
    gate.ended(gate.begin());
    expect(gate.isAway).toBe(false);
    expect(gate.refusal()).toBeUndefined();
  });

  it.each(['3D000', '53300', '28P01', '57P04'])('takes %s for the answer of one database', (code) => {
    fail(answered(code));
    expect(gate.isAway).toBe(false);
  });

  it.each(['57P02', '57P03'])('takes %s for the answer of the server', (code) => {
    fail(answered(code));
    expect(gate.isAway).toBe(true);
  });

  it('takes a database that is not there for a sign that the server is', () => {
    fail(refused);
    jest.advanceTimersByTime(1_000);
    fail(answered('3D000'));
    expect(gate.isAway).toBe(false);
  });

  it('does not believe a failure that began before somebody succeeded', () => {
    const slow = gate.begin();
    gate.ended(gate.begin());
    gate.ended(slow, refused);
    expect(gate.isAway).toBe(false);
  });
});
