import { describe, it, expect } from '@jest/globals';
import type { Column } from './columns.js';
import { columnTypeOf, oneOfType } from './column-types.js';
import { faultOfFirst, invalidStep, machineOf } from './machine.js';

const text = columnTypeOf('varchar(10)');
if (text === undefined) throw new Error('varchar is a type');
const type = oneOfType(text, ['new', 'contacted', 'lost', 'converted']);
const status: Column = { wire: 'status', name: 'status', quoted: '"status"', type, nullable: false };
const leads = machineOf(status, { new: ['contacted', 'lost'], contacted: ['lost'], lost: ['new'], converted: [] });

describe('a machine', () => {
  it('lets PATCH lead only along its steps, or stay', () => {
    expect(leads.before.get('contacted')).toEqual(['contacted', 'new']);
    expect(leads.before.get('lost')).toEqual(['lost', 'new', 'contacted']);
    expect(leads.before.get('converted')).toEqual(['converted']);
  });
  it('begins in its first state', () => {
    expect(faultOfFirst(leads, undefined)).toBeUndefined();
    expect(faultOfFirst(leads, 'new')).toBeUndefined();
    expect(faultOfFirst(leads, 'lost')).toMatchObject({ path: 'status', code: 'invalid_step' });
  });
  it('tells of a step that it does not have', () => {
    expect(invalidStep(leads, 'lost', 'contacted')).toMatchObject({
      status: 422,
      extras: { errors: [{ path: 'status', code: 'invalid_step', message: 'cannot go from lost to contacted' }] },
    });
  });
});
