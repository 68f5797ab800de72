import { describe, it, expect } from '@jest/globals';
import { decideEntitlement, PAST_DUE_GRACE, type Entitlement, type EntitlementFacts } from './entitlement.js';
import { ModuleSet, moduleNumber } from './module-set.js';
import { findModule } from './modules.js';

const NOW = 1_800_000_000_000;
const DAY = 24 * 60 * 60 * 1000;
const facts = (over: Partial<EntitlementFacts> = {}): EntitlementFacts => ({
  enabledModules: {},
  subscription: { status: 'active', pastDueAt: null },
  planModules: new Set(['boards', 'documents', 'crm', 'sales']),
  freeModules: new Set(['boards', 'documents']),
  trials: new Map(),
  now: NOW,
  ...over,
});
const pastDue = (ago: number) => ({ status: 'past_due', pastDueAt: NOW - ago }) as const;
const canceled = { status: 'canceled', pastDueAt: null } as const;
const overdue = pastDue(PAST_DUE_GRACE + 1);
const trial = (module: string, ends: number) => new Map([[module, ends]]);
const nothing = { planModules: new Set<string>() };
const graceOf = (ago: number) => NOW - ago + PAST_DUE_GRACE + 1;

const cases: [string, string, Partial<EntitlementFacts>, Entitlement][] = [
  ['always on', 'email', {}, { entitled: true, reason: 'always_on' }],
  [
    'always on, even disabled',
    'dashboard',
    { enabledModules: { dashboard: false } },
    { entitled: true, reason: 'always_on' },
  ],
  ['by role alone', 'admin', { subscription: canceled }, { entitled: true, reason: 'by_role' }],
  ['disabled over the plan', 'crm', { enabledModules: { crm: false } }, { entitled: false, reason: 'disabled' }],
  [
    'disabled over a canceled subscription',
    'crm',
    { enabledModules: { crm: false }, subscription: canceled },
    { entitled: false, reason: 'disabled' },
  ],
  [
    'disabled over free',
    'boards',
    { enabledModules: { boards: false }, subscription: canceled },
    { entitled: false, reason: 'disabled' },
  ],
  ['canceled', 'crm', { subscription: canceled }, { entitled: false, reason: 'subscription_canceled' }],
  [
    'canceled, over an override',
    'hr',
    { subscription: canceled, enabledModules: { hr: true } },
    { entitled: false, reason: 'subscription_canceled' },
  ],
  [
    'canceled, over a running trial',
    'hr',
    { subscription: canceled, trials: trial('hr', NOW + DAY) },
    { entitled: false, reason: 'subscription_canceled' },
  ],
  ['canceled, but free', 'boards', { subscription: canceled, ...nothing }, { entitled: true, reason: 'plan' }],
  ['past due for over 7 days', 'crm', { subscription: overdue }, { entitled: false, reason: 'past_due' }],
  [
    'past due for over 7 days, over an override',
    'hr',
    { subscription: overdue, enabledModules: { hr: true } },
    { entitled: false, reason: 'past_due' },
  ],
  ['past due for over 7 days, but free', 'documents', { subscription: overdue }, { entitled: true, reason: 'plan' }],
  [
    'past due for 7 days to the millisecond',
    'crm',
    { subscription: pastDue(PAST_DUE_GRACE) },
    { entitled: true, reason: 'plan', validUntil: NOW + 1 },
  ],
  [
    'past due for a day',
    'crm',
    { subscription: pastDue(DAY) },
    { entitled: true, reason: 'plan', validUntil: graceOf(DAY) },
  ],
  [
    'past due at a time unknown',
    'crm',
    { subscription: { status: 'past_due', pastDueAt: null } },
    { entitled: true, reason: 'plan' },
  ],
  [
    'an old past due that is paid',
    'crm',
    { subscription: { status: 'active', pastDueAt: NOW - 30 * DAY } },
    { entitled: true, reason: 'plan' },
  ],
  ['an override beyond the plan', 'hr', { enabledModules: { hr: true } }, { entitled: true, reason: 'override' }],
  [
    'an override while past due',
    'hr',
    { enabledModules: { hr: true }, subscription: pastDue(DAY) },
    { entitled: true, reason: 'override', validUntil: graceOf(DAY) },
  ],
  ['the plan', 'sales', {}, { entitled: true, reason: 'plan' }],
  ['the plan before a trial', 'crm', { trials: trial('crm', NOW - DAY) }, { entitled: true, reason: 'plan' }],
  [
    'a running trial',
    'hr',
    { trials: trial('hr', NOW + DAY) },
    { entitled: true, reason: 'trial', validUntil: NOW + DAY },
  ],
  [
    'a trial to its last millisecond',
    'hr',
    { trials: trial('hr', NOW + 1) },
    { entitled: true, reason: 'trial', validUntil: NOW + 1 },
  ],
  ['a trial that ends now', 'hr', { trials: trial('hr', NOW) }, { entitled: false, reason: 'trial_expired' }],
  [
    'a trial beyond the days of grace',
    'hr',
    { trials: trial('hr', NOW + 30 * DAY), subscription: pastDue(DAY) },
    { entitled: true, reason: 'trial', validUntil: graceOf(DAY) },
  ],
  [
    'a trial of another module',
    'hr',
    { trials: trial('finance', NOW + DAY) },
    { entitled: false, reason: 'not_in_plan' },
  ],
  ['no subscription at all', 'crm', { subscription: null, ...nothing }, { entitled: false, reason: 'not_in_plan' }],
  ['a feature outside the plan', 'api_keys', {}, { entitled: false, reason: 'not_in_plan' }],
  [
    'a feature by override',
    'own_database',
    { enabledModules: { own_database: true } },
    { entitled: true, reason: 'override' },
  ],
];

describe('decideEntitlement', () => {
  it.each(cases)('%s', (_, key, over, answer) => {
    const module = findModule(key);
    if (!module) throw new Error(`no module ${key}`);
    expect(decideEntitlement(module, facts(over))).toEqual(answer);
  });

  it.each(cases)('holds until the time that it names: %s', (_, key, over, answer) => {
    const module = findModule(key);
    if (!module) throw new Error(`no module ${key}`);
    const { validUntil = NOW + 1_000 * DAY } = answer;
    expect(decideEntitlement(module, facts({ ...over, now: validUntil - 1 }))).toMatchObject({ reason: answer.reason });
  });

  it('takes no switch from the prototype of the stored object', () => {
    const module = { key: 'constructor', name: '', kind: 'licensed', advanced: false, submodules: [] } as const;
    expect(decideEntitlement(module, facts())).toEqual({ entitled: false, reason: 'not_in_plan' });
  });
});

describe('ModuleSet', () => {
  const number = (key: string) => moduleNumber(key) ?? -1;

  it('has the verdict on every module and the first time that changes one', () => {
    const trials = new Map([
      ['hr', NOW + DAY],
      ['finance', NOW + 2 * DAY],
    ]);
    const { modules, validUntil } = ModuleSet.decide(facts({ trials }));
    expect(validUntil).toBe(NOW + DAY);
    expect(modules.has(number('hr'))).toBe(true);
    expect(modules.has(number('shop'))).toBe(false);
    expect(modules.reasonOf(number('email'))).toBe('always_on');
    expect(modules.list().find(({ module }) => module === 'shop')).toEqual({
      module: 'shop',
      entitled: false,
      reason: 'not_in_plan',
    });
  });

  it('is one object for tenants on the same terms, whenever their trials end', () => {
    const { modules } = ModuleSet.decide(facts({ trials: trial('hr', NOW + DAY) }));
    expect(ModuleSet.decide(facts({ trials: trial('hr', NOW + 2 * DAY) })).modules).toBe(modules);
    const other = ModuleSet.decide(facts());
    expect(other.modules).not.toBe(modules);
    expect(other.validUntil).toBe(Infinity);
  });

  it('answers no for a number that is none', () => {
    const { modules } = ModuleSet.decide(facts());
    expect(modules.has(-1)).toBe(false);
    expect(moduleNumber('nothing')).toBeUndefined();
  });
});
