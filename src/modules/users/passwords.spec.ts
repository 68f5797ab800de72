import { describe, it, expect } from '@jest/globals';
import { Problem } from '../../common/problem.js';
import { assertPasswordAllowed, hashPassword, verifyPassword } from './passwords.js';

const faultOf = (password: string): string | undefined => {
  try {
    assertPasswordAllowed(password, 'new_password');
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const [fault] = error.extras.errors ?? [];
    return `${String(error.status)} ${fault?.path ?? ''} ${fault?.code ?? ''}`;
  }
};

describe('assertPasswordAllowed', () => {
  it.each([
    ['secure_password_123', undefined],
    ['correct horse battery staple', undefined],
    ['ünïcödé!', undefined],
    ['seven77', '422 new_password too_short'],
    ['', '422 new_password too_short'],
    // seven characters, although fourteen units of UTF-16
    ['🔑'.repeat(7), '422 new_password too_short'],
    ['a'.repeat(71) + 'b', undefined],
    ['a'.repeat(73), '422 new_password too_long'],
    // 37 characters, 74 bytes
    ['é'.repeat(37), '422 new_password too_long'],
    ['password123', '422 new_password too_common'],
    ['PassWord123', '422 new_password too_common'],
    ['1234567890', '422 new_password too_common'],
  ])('%s: %s', (password, fault) => {
    expect(faultOf(password)).toBe(fault);
  });
});

describe('a hash', () => {
  it('is bcrypt of cost 12 and knows its password alone', async () => {
    const hashed = await hashPassword('secure_password_123');
    expect(hashed).toMatch(/^\$2[aby]\$12\$/);
    expect(await verifyPassword('secure_password_123', hashed)).toBe(true);
    expect(await verifyPassword('secure_password_124', hashed)).toBe(false);
  });

  it('is not matched by a longer password that begins with all the bytes that bcrypt looks at', async () => {
    const hashed = await hashPassword('x'.repeat(72));
    expect(await verifyPassword('x'.repeat(73), hashed)).toBe(false);
  });
});

it('takes as long for nobody as for a wrong password', async () => {
  const hashed = await hashPassword('secure_password_123');
  const timeOf = async (stored: string | null) => {
    const before = performance.now();
    expect(await verifyPassword('wrong_password_123', stored)).toBe(false);
    return performance.now() - before;
  };
  const times = { wrong: [] as number[], nobody: [] as number[] };
  for (let i = 0; i < 3; i++) {
    times.wrong.push(await timeOf(hashed));
    times.nobody.push(await timeOf(null));
  }
  // a shortcut would be a thousand times faster; the margin is for a busy machine
  expect(Math.min(...times.nobody)).toBeGreaterThan(Math.min(...times.wrong) / 3);
});
