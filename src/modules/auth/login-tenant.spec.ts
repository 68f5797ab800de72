import { describe, it, expect } from '@jest/globals';
import { TenantDirectory } from '../../platform/access/index.js';
import { hostLabel, LoginTenant } from './login-tenant.js';

class Directory extends TenantDirectory {
  only: string | undefined;
  find(name: string): Promise<string | undefined> {
    return Promise.resolve(['acme', 'globex'].includes(name) ? `id of ${name}` : undefined);
  }
}
const of = (code: string | null | undefined, headers: Record<string, string>) =>
  new LoginTenant(new Directory(), { baseDomain: 'example.com' }).of(code, { headers });
const found = (name: string) => ({ kind: 'tenant', organizationId: `id of ${name}` });

describe('the tenant of an anonymous call', () => {
  it.each([
    ['the body first', 'acme', { 'x-tenant': 'globex', host: 'globex.example.com' }, found('acme')],
    ['then the header', null, { 'x-tenant': 'globex', host: 'acme.example.com' }, found('globex')],
    ['then the host', undefined, { 'x-tenant': '', host: 'acme.example.com:3000' }, found('acme')],
    ['none', undefined, { host: 'example.com' }, { kind: 'none' }],
    ['a host that is no tenant names none', undefined, { host: 'www.example.com' }, { kind: 'none' }],
    ['a name that is no tenant stays a name', 'nowhere', {}, { kind: 'unknown' }],
    ['so does a header', undefined, { 'x-tenant': 'nowhere', host: 'acme.example.com' }, { kind: 'unknown' }],
  ])('%s', async (_, code, headers, tenant) => {
    expect(await of(code, headers)).toEqual(tenant);
  });

  it('takes no header where one tenant alone is served', async () => {
    const directory = new Directory();
    directory.only = 'id of acme';
    const tenant = new LoginTenant(directory, { baseDomain: undefined });
    await expect(tenant.of(undefined, { headers: { 'x-tenant': 'acme' } })).rejects.toMatchObject({ status: 400 });
  });
});

describe('hostLabel', () => {
  it.each([
    ['acme.example.com', 'example.com', 'acme'],
    ['ACME.Example.com:3000', 'example.com', 'acme'],
    ['a.b.example.com', 'example.com', undefined],
    ['example.com', 'example.com', undefined],
    ['acme.example.org', 'example.com', undefined],
    ['acmeexample.com', 'example.com', undefined],
    ['acme.example.com', undefined, undefined],
    [undefined, 'example.com', undefined],
  ])('%s under %s', (host, baseDomain, label) => {
    expect(hostLabel(host, baseDomain)).toBe(label);
  });
});
