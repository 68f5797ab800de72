import { describe, it, expect } from '@jest/globals';
import type { Account } from './accounts.js';
import { chooseAccount } from './choose-account.js';

const account = (tenantCode: string | null, alive = true): Account => ({
  userId: `user of ${tenantCode ?? 'the platform'}`,
  organizationId: tenantCode,
  tenantCode,
  hashedPassword: null,
  alive,
});
const acme = account('acme');
const platform = account(null);

describe('chooseAccount', () => {
  it.each([
    ['no match: nobody', [], { kind: 'nobody' }],
    ['only dead ones: nobody', [account('acme', false)], { kind: 'nobody' }],
    ['one match signs in', [acme], { kind: 'one', account: acme }],
    ['the dead leave one', [account('globex', false), acme], { kind: 'one', account: acme }],
    ['several are to be chosen from', [account('globex'), acme], { kind: 'several', tenantCodes: ['acme', 'globex'] }],
    ['what cannot be named comes first', [acme, platform], { kind: 'one', account: platform }],
  ])('%s', (_, matching, choice) => {
    expect(chooseAccount(matching)).toEqual(choice);
  });
});
