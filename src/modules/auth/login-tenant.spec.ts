import { describe, it, expect } from '@jest/globals';
import { Freshness, TenantDirectory, TenantNames, type HostName } from '../../platform/access/index.js';
import { LoginTenant } from './login-tenant.js';

class Directory extends TenantDirectory {
  only: string | undefined;
  async find(name: string): Promise<string | undefined> {
    return ['acme', 'globex'].includes(name) ? `id of ${name}` : undefined;
  }
  /** Globex is called `world` by its host, and has a domain of its own. */
  async findByHost(host: HostName): Promise<string | undefined> {
    const tenants: Record<string, string> = { acme: 'id of acme', world: 'id of globex', 'globex.com': 'id of globex' };
    return tenants[host.kind === 'subdomain' ? host.subdomain : host.domain];
  }
}
const over = (directory: TenantDirectory) =>
  new LoginTenant(new TenantNames(directory, new Freshness(), { baseDomain: 'example.com' }));
const of = (code: string | null | undefined, header: string | undefined, host: string) =>
  over(new Directory()).of(code, { headers: header === undefined ? {} : { 'x-tenant': header }, host });
const found = (name: string) => ({ kind: 'tenant', organizationId: `id of ${name}` });

describe('the tenant of an anonymous call', () => {
  it.each<[string, string | null | undefined, string | undefined, string, object]>([
    ['the body first', 'acme', 'globex', 'world.example.com', found('acme')],
    ['then the header', null, 'globex', 'acme.example.com', found('globex')],
    ['then the host', undefined, '', 'acme.example.com:3000', found('acme')],
    ['which names by subdomain', undefined, undefined, 'world.example.com', found('globex')],
    ['not by code', undefined, undefined, 'globex.example.com', { kind: 'none' }],
    ['or by a domain of its own', undefined, undefined, 'globex.com', found('globex')],
    ['none', undefined, undefined, 'example.com', { kind: 'none' }],
    ['a host that is no tenant names none', undefined, undefined, 'www.example.com', { kind: 'none' }],
    ['a name that is no tenant stays a name', 'nowhere', undefined, 'acme.example.com', { kind: 'unknown' }],
    ['so does a header', undefined, 'nowhere', 'acme.example.com', { kind: 'unknown' }],
  ])('%s', async (_, code, header, host, tenant) => {
    expect(await of(code, header, host)).toEqual(tenant);
  });

  it('takes no header and no host where one tenant alone is served', async () => {
    const directory = new Directory();
    directory.only = 'id of acme';
    const tenant = over(directory);
    await expect(tenant.of(undefined, { headers: { 'x-tenant': 'acme' } })).rejects.toMatchObject({ status: 400 });
    expect(await tenant.of(undefined, { headers: {}, host: 'world.example.com' })).toEqual({ kind: 'none' });
  });
});
