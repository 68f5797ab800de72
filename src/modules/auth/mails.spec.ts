import { describe, expect, it } from '@jest/globals';
import { passwordMail, verificationMail } from './mails.js';

const TOKEN = 'a'.repeat(43);
const ada = { userId: 'u', organizationId: 'o', email: 'ada@acme.com', tenantName: 'Acme Inc.' };

describe.each([
  ['passwordMail', passwordMail],
  ['verificationMail', verificationMail],
])('%s', (_, mail) => {
  it('goes to the account’s address with the token on a line of its own', () => {
    const { to, organizationId, text } = mail(ada, TOKEN, 'Tenantry');
    expect([to, organizationId]).toEqual(['ada@acme.com', 'o']);
    expect(text.split('\n')).toContain(TOKEN);
  });
  it('says which account it is about, of a tenant or of the platform', () => {
    expect(mail(ada, TOKEN, 'Tenantry').text).toContain('ada@acme.com at Acme Inc. (Tenantry)');
    const platform = { ...ada, organizationId: null, tenantName: null };
    expect(mail(platform, TOKEN, 'Tenantry').text).toContain('ada@acme.com at Tenantry.');
  });
});
