import { describe, it, expect } from '@jest/globals';
import { accessTo, platformOnly, signedIn, type ProtectedAccess } from './access.js';
import { ModuleSet } from './module-set.js';
import { PermissionSet } from './permission-set.js';
import { reasonFor, visits } from './reason.js';
import { Snapshot } from './snapshot.js';

const { modules } = ModuleSet.decide({
  enabledModules: {},
  subscription: null,
  planModules: new Set(),
  freeModules: new Set(),
  trials: new Map(),
  now: 0,
});
const someone = (platform: boolean, tenant: boolean, asksReason = false): Snapshot =>
  Snapshot.of({
    userId: 'u',
    tenant: tenant
      ? { organizationId: 'o', code: 'acme', status: 'active', asksReason, modules, placement: undefined }
      : null,
    standing: {
      platform,
      superuser: platform,
      userStatus: 'active',
      memberStatus: platform ? null : 'active',
      roleCodes: [],
      priority: 0,
      recordScope: 'own',
      permissions: PermissionSet.of([]),
    },
    sessions: [],
    validUntil: Infinity,
  });
const leads = accessTo('crm.leads', 'read');
/** As Node gives it: one character for each byte. */
const sent = (reason: string | string[] | undefined) => ({
  headers: { 'x-reason': typeof reason === 'string' ? Buffer.from(reason).toString('latin1') : reason },
});

describe('a reason', () => {
  it.each<[string, string | string[] | undefined, string | undefined]>([
    ['is what was sent', 'Ticket 4711', 'Ticket 4711'],
    ['may be in any script', '점검 요청 ✓', '점검 요청 ✓'],
    ['has 255 characters, not bytes', '💡'.repeat(255), '💡'.repeat(255)],
    ['may come in parts', ['a', 'b'], 'a, b'],
    ['is none when it is left out', undefined, undefined],
    ['is none when it is empty', '', undefined],
    ['is none when it is blank', ' \u00a0', undefined],
  ])('%s', (_, header, reason) => {
    expect(reasonFor(leads, sent(header), someone(true, true))).toBe(reason);
  });

  it.each([
    ['too long', 'x'.repeat(256)],
    ['too long in characters of four bytes', '💡'.repeat(256)],
  ])('is refused when it is %s', (_, header) => {
    expect(() => reasonFor(leads, sent(header), someone(true, true))).toThrow(/1 to 255 characters/);
  });

  it('is refused when its bytes are no UTF-8', () => {
    const headers = { 'x-reason': 'caf\u00e9' };
    expect(() => reasonFor(leads, { headers }, someone(true, true))).toThrow(/UTF-8/);
  });

  it('is demanded by a tenant that asks for it', () => {
    expect(() => reasonFor(leads, sent(' '), someone(true, true, true))).toThrow(/asks platform users for a reason/);
    expect(reasonFor(leads, sent('why'), someone(true, true, true))).toBe('why');
  });
});

describe('a visit', () => {
  it.each<[string, ProtectedAccess, Snapshot, boolean]>([
    ["is a platform user's", leads, someone(true, true), true],
    ["is no member's", leads, someone(false, true), false],
    ['is in a tenant', accessTo('audit', 'read', { tenant: 'optional' }), someone(true, false), false],
    ['may be chosen by the header', accessTo('audit', 'read', { tenant: 'optional' }), someone(true, true), true],
    ['may be by path', signedIn({ tenant: 'path' }), someone(true, true), true],
    ['is not to ask who one is', signedIn({ tenant: 'optional' }), someone(true, true), false],
    ["is not what is the platform's", platformOnly(), someone(true, true), false],
  ])('%s', (_, access, snapshot, expected) => {
    expect(visits(access, snapshot)).toBe(expected);
  });
});
