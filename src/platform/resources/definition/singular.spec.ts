import { describe, it, expect } from '@jest/globals';
import { MODULES } from '../../access/index.js';
import { singular } from './singular.js';

describe('singular', () => {
  it.each([
    ['leads', 'lead'],
    ['activities', 'activity'],
    ['leave_requests', 'leave_request'],
    ['warehouses', 'warehouse'],
    ['journal_entries', 'journal_entry'],
    ['boxes', 'box'],
    ['addresses', 'address'],
    ['maintenance', 'maintenance'],
  ])('of %s is %s', (many, one) => {
    expect(singular(many)).toBe(one);
  });
  it('gives every submodule of a module an id parameter of its own', () => {
    for (const { submodules } of MODULES)
      expect(new Set(submodules.map(({ key }) => singular(key))).size).toBe(submodules.length);
  });
});
