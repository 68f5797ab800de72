import { describe, it, expect } from '@jest/globals';
import { isUuid, newId, ZERO_ID } from './ids.js';

describe('newId', () => {
  it('makes UUIDs of version 7 that grow with time', async () => {
    const first = newId();
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(newId() > first).toBe(true);
  });
});

describe('isUuid', () => {
  it.each([ZERO_ID, newId(), 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'])('takes %s', (text) => {
    expect(isUuid(text)).toBe(true);
  });
  it.each([
    '',
    'x',
    `{${ZERO_ID}}`,
    ZERO_ID.replaceAll('-', ''),
    `${ZERO_ID}\n`,
    ` ${ZERO_ID}`,
    ZERO_ID.replace('0', 'g'),
    1,
    null,
    [ZERO_ID],
  ])('refuses %j', (value) => {
    expect(isUuid(value)).toBe(false);
  });
});
