import { describe, expect, it } from '@jest/globals';
import { pathOf } from './problem-answer.js';

describe('the path of a request', () => {
  it.each([
    ['/api/v1/crm/leads', '/api/v1/crm/leads'],
    ['/api/v1/crm/leads?limit=1#x', '/api/v1/crm/leads'],
    ['/api/v1/crm/leads#x?y', '/api/v1/crm/leads'],
    ['http://evil.example:80/api/v1/crm/leads?x=/', '/api/v1/crm/leads'],
    ['HTTP://evil.example', ''],
    ['', ''],
    ['*', '*'],
  ])('%s is %s', (target, path) => {
    expect(pathOf(target)).toBe(path);
  });
});
