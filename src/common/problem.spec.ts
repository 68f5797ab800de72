import { describe, it, expect } from '@jest/globals';
import {
  AccountLocked,
  catalogue,
  defineProblem,
  invalid,
  NotEntitled,
  NotFound,
  prefixed,
  Problem,
  problemOfConstraint,
  Stale,
  Unauthenticated,
  Unavailable,
} from './problem.js';

describe('a problem', () => {
  it('carries its definition and says its title where nothing better is known', () => {
    const problem = NotFound();
    expect(problem).toBeInstanceOf(Problem);
    expect([problem.status, problem.code, problem.detail]).toEqual([404, 'not_found', NotFound.definition.title]);
    expect(problem.extras).toEqual({});
  });
  it('knows the layer of its kind, and what the place that refuses adds', () => {
    const problem = NotEntitled({ required: 'crm.leads:read', reason: 'not_in_plan' });
    expect(problem.extras).toEqual({ layer: 'entitlement', required: 'crm.leads:read', reason: 'not_in_plan' });
  });
  it('tells how to sign in, and when to come back', () => {
    expect(Unauthenticated().headers).toEqual({ 'www-authenticate': 'Bearer' });
    expect(Unavailable().headers).toEqual({ 'retry-after': '2' });
    expect(AccountLocked({ retryAfter: 12.2 }).headers).toEqual({ 'retry-after': '13' });
    expect(AccountLocked({ retryAfter: 0 }).headers).toEqual({ 'retry-after': '1' });
  });
});

describe('defineProblem', () => {
  it('registers the problem of a constraint, with the field it speaks of', () => {
    defineProblem({ code: 'conflict', status: 409, constraint: 'things_name_key', field: 'name' });
    defineProblem({
      code: 'validation_failed',
      status: 422,
      constraint: ['things_owner_fkey', 'things_owner_2_fkey'],
      field: 'owner_id',
      faultCode: 'not_found',
    });
    expect(problemOfConstraint('things_name_key')).toMatchObject({
      code: 'conflict',
      extras: { errors: [{ path: 'name', code: 'taken', message: 'is taken already' }] },
    });
    expect(problemOfConstraint('things_owner_2_fkey')?.extras.errors).toEqual([
      { path: 'owner_id', code: 'not_found', message: 'does not exist' },
    ]);
    expect(problemOfConstraint('unknown')).toBeUndefined();
  });
  it('refuses a constraint told of twice, a second title, and none', () => {
    defineProblem({ code: 'conflict', status: 409, constraint: 'twice_key', field: 'a' });
    expect(() => defineProblem({ code: 'conflict', status: 409, constraint: 'twice_key', field: 'b' })).toThrow(
      'twice_key',
    );
    expect(() => defineProblem({ code: 'conflict', status: 409, title: 'Another' })).toThrow('two titles');
    expect(() => defineProblem({ code: 'unheard_of', status: 409 })).toThrow('no title');
  });
  it("adds a feature's own problem to the catalogue once", () => {
    defineProblem({ code: 'lead_converted', status: 409, title: 'The lead is a customer already' });
    defineProblem({ code: 'lead_converted', status: 409, constraint: 'leads_converted_check', field: 'status' });
    expect(catalogue().filter(({ code }) => code === 'lead_converted')).toHaveLength(1);
  });
});

describe('catalogue', () => {
  it('lists the codes of api.md, each with the layer that a 403 names', () => {
    const known = catalogue().map(({ status, code }) => `${String(status)} ${code}`);
    expect(known).toEqual(expect.arrayContaining(['400 tenant_required', '409 tenant_required', '503 tenant_moving']));
    expect(catalogue().filter(({ status, layer }) => status === 403 && !layer)).toEqual([]);
  });
});

describe('prefixed', () => {
  it('puts the place in a larger input before each path', () => {
    expect(prefixed(invalid('name', 'required', 'is missing'), 'items.3').extras.errors).toEqual([
      { path: 'items.3.name', code: 'required', message: 'is missing' },
    ]);
  });
  it('names the place where the problem has no field', () => {
    const problem = prefixed(Stale(), 'items.0');
    expect(problem.status).toBe(412);
    expect(problem.extras.errors).toEqual([{ path: 'items.0', code: 'stale', message: Stale.definition.title }]);
  });
});
