import { describe, it, expect } from '@jest/globals';
import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { errorForLog } from './error-for-log.js';

describe('errorForLog', () => {
  it('keeps what finds the fault, and its cause', () => {
    const error = Object.assign(new TypeError('broken', { cause: new Error('deeper') }), { code: 'E1' });
    expect(errorForLog(error)).toEqual({
      type: 'TypeError',
      message: 'broken',
      code: 'E1',
      stack: expect.stringMatching(/^ +at .*error-for-log\.spec/),
      cause: { type: 'Error', message: 'deeper', stack: expect.any(String) },
    });
  });
  it('drops the values that a driver tells of', () => {
    const message = 'duplicate key value violates unique constraint "users_email_key"';
    const error = new UniqueConstraintViolationException(
      Object.assign(new Error(`${message}\n - detail: Key (email)=(secret@example.com) already exists.`), {
        code: '23505',
        constraint: 'users_email_key',
        detail: 'Key (email)=(secret@example.com) already exists.',
        parameters: ['secret'],
        entity: { hashedPassword: 'secret' },
      }),
    );
    expect(errorForLog(error)).toMatchObject({ message, code: '23505', constraint: 'users_email_key' });
    expect(JSON.stringify(errorForLog(error))).not.toContain('secret');
  });
  it('cuts what is long or endless', () => {
    const loop = new Error('x'.repeat(10_000));
    loop.cause = loop;
    const logged = errorForLog(loop);
    expect(logged?.message).toHaveLength(500);
    expect(logged?.cause?.cause?.cause?.cause).toBeUndefined();
  });
  it.each(['text', undefined, null, 7])('has nothing to say of %p', (value) => {
    expect(errorForLog(value)).toBeUndefined();
  });
});
