import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { STARTS_MS, eventually, idsOf, NOBODY, refused, tenantsWorld, type TenantsWorld } from './tenants-world.js';

interface Entitlements {
  readonly enabled_modules: Record<string, boolean>;
  readonly modules: { module: string; entitled: boolean; reason: string; trial_ends_at: string | null }[];
}

describe('what a tenant is entitled to', () => {
  let world: TenantsWorld;
  let second: TestApp;
  beforeAll(async () => {
    world = await tenantsWorld();
    second = await startApp(world.app.database);
  }, STARTS_MS);
  afterAll(async () => {
    await second.close();
    await world.close();
  });

  const put = (id: string, enabled_modules: unknown, headers = {}, client: Client = world.root) =>
    client.send('PUT', `/tenants/${id}/entitlements`, { enabled_modules }, headers);
  const of = ({ body }: Answer, module: string) =>
    (body as Entitlements).modules.find((each) => each.module === module);
  const stored = (id: string) =>
    world.sql('select enabled_modules, version from core.organizations where id = $1', [id]);

  it('is told of every module, with the reason', async () => {
    const { body } = await world.admin.get(`/tenants/${world.testcorp.id}/entitlements`);
    const { modules } = body as Entitlements;
    expect(new Set(modules.map(({ module }) => module)).size).toBe(modules.length);
    expect(modules.length).toBeGreaterThanOrEqual(20);
    const { id } = await world.tenant();
    await put(id, { sales: true, boards: false });
    const answer = await world.root.get(`/tenants/${id}/entitlements`);
    for (const [module, entitled, reason] of [
      ['email', true, 'always_on'],
      ['admin', true, 'by_role'],
      ['documents', true, 'plan'],
      ['crm', true, 'trial'],
      ['sales', true, 'override'],
      ['boards', false, 'disabled'],
      ['manufacturing', false, 'not_in_plan'],
    ] as const)
      expect(of(answer, module)).toMatchObject({ entitled, reason });
    expect(of(answer, 'crm')?.trial_ends_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(of(answer, 'sales')?.trial_ends_at).toBeNull();

    const set = (what: string) => world.sql(`update core.${what}`, [id]);
    await set(`module_trials set ends_at = now() - interval '1 second' where organization_id = $1`);
    expect(of(await world.root.get(`/tenants/${id}/entitlements`), 'crm')).toMatchObject({
      entitled: false,
      reason: 'trial_expired',
    });
    await set(`subscriptions set plan_code = 'professional', status = 'canceled' where organization_id = $1`);
    expect(of(await world.root.get(`/tenants/${id}/entitlements`), 'manufacturing')).toMatchObject({
      entitled: false,
      reason: 'subscription_canceled',
    });
    await set(
      `subscriptions set status = 'past_due', past_due_at = now() - interval '8 days' where organization_id = $1`,
    );
    expect(of(await world.root.get(`/tenants/${id}/entitlements`), 'manufacturing')).toMatchObject({
      entitled: false,
      reason: 'past_due',
    });
    expect(of(await world.root.get(`/tenants/${id}/entitlements`), 'documents')).toMatchObject({ entitled: true });
  });

  it('is replaced whole, under the keys of the registry, with one entry, and holds for the next request', async () => {
    const made = await world.tenant({ license_tier: 'starter' });
    const admin = await world.adminOf(made);
    const both = [admin, second.anonymous.with({ ...admin.headers })];
    const path = '/manufacturing/orders';
    for (const client of both) refused(await client.get(path), 403, 'not_entitled');
    const first = await world.audited((headers) => put(made.id, { MANUFACTURING: true, Crm: false }, headers));
    expect(first.answer).toMatchObject({ status: 200, body: { enabled_modules: { manufacturing: true, crm: false } } });
    expect(first.entries).toEqual(['update core.organizations']);
    expect(await stored(made.id)).toEqual([
      { enabled_modules: { manufacturing: true, crm: false }, version: made.version + 1 },
    ]);
    for (const client of both) {
      expect((await eventually(200, () => client.get(path))).status).toBe(200);
      expect(await eventually(403, () => client.get('/crm/leads'))).toMatchObject({
        status: 403,
        body: { code: 'not_entitled', layer: 'entitlement', reason: 'disabled' },
      });
    }
    const same = await world.audited((headers) => put(made.id, { crm: false, manufacturing: true }, headers));
    expect(same).toMatchObject({ answer: { status: 200 }, entries: [] });
    expect((await put(made.id, {})).body).toMatchObject({ enabled_modules: {} });
    for (const client of both) {
      expect((await eventually(403, () => client.get(path))).status).toBe(403);
      expect((await eventually(200, () => client.get('/crm/leads'))).status).toBe(200);
    }
  });

  it.each<[string, unknown]>([
    ['enabled_modules.crn', { crm: true, crn: true }],
    ['enabled_modules.crm.leads', { 'crm.leads': true }],
    ['enabled_modules.__proto__', JSON.parse('{"__proto__": true}')],
    ['enabled_modules.constructor', { constructor: true }],
    ['enabled_modules.', { '': true }],
    ['enabled_modules.crm', { crm: 'true' }],
    ['enabled_modules.crm', { crm: null }],
    ['enabled_modules.crm', { crm: 1 }],
    ['enabled_modules.crm', { crm: { a: 1 } }],
    ['enabled_modules.CRM', { crm: true, CRM: false }],
    ['enabled_modules', []],
    ['enabled_modules', null],
    ['enabled_modules', 'crm'],
    ['enabled_modules', undefined],
  ])('is refused with 422 at %s, and nothing is stored', async (path, modules) => {
    const before = await stored(world.globex.id);
    refused(await put(world.globex.id, modules), 422, 'validation_failed', path);
    expect(await stored(world.globex.id)).toEqual(before);
  });

  it('is set by the platform, read with tenant_read, and nobody else’s', async () => {
    const before = await stored(world.testcorp.id);
    expect(await put(world.testcorp.id, { nonsense: 1 }, {}, world.admin)).toMatchObject({
      status: 403,
      body: { code: 'permission_denied', required: 'super_admin' },
    });
    expect(await stored(world.testcorp.id)).toEqual(before);
    for (const what of ['entitlements', 'subscription']) {
      const executive = await world.app.signIn('executive@testcorp.com');
      refused(await executive.get(`/tenants/${world.testcorp.id}/${what}`), 403, 'permission_denied');
      expect((await world.admin.get(`/tenants/${world.testcorp.id}/${what}`)).status).toBe(200);
      for (const client of [world.root, world.root.with({ 'x-tenant': 'globex' })])
        expect((await client.get(`/tenants/${world.testcorp.id}/${what}`)).status).toBe(200);
      for (const id of [world.globex.id, NOBODY])
        refused(await world.admin.get(`/tenants/${id}/${what}`), 404, 'not_found');
      refused(await world.root.get(`/tenants/${NOBODY}/${what}`), 404, 'not_found');
      refused(await world.admin.get(`/tenants/x/${what}`), 422, 'validation_failed', 'tenant_id');
      refused(await world.app.anonymous.get(`/tenants/${world.testcorp.id}/${what}`), 401, 'unauthenticated');
    }
    refused(await put(NOBODY, {}), 404, 'not_found');
    const viewer = await world.app.signIn('viewer@testcorp.com');
    expect((await viewer.get(`/tenants/${world.testcorp.id}/entitlements`)).status).toBe(200);
    refused(await viewer.get(`/tenants/${world.testcorp.id}/subscription`), 403, 'permission_denied');
  });

  it('is what it pays for', async () => {
    const answer = await world.admin.get(`/tenants/${world.testcorp.id}/subscription`);
    expect(answer).toMatchObject({
      status: 200,
      body: { tenant_id: world.testcorp.id, plan_code: 'enterprise', status: 'active', seats: null },
    });
    expect(answer.body).toEqual((await world.root.get(`/tenants/${world.testcorp.id}/subscription`)).body);
    expect((await world.root.get(`/tenants/${world.globex.id}/subscription`)).body).toMatchObject({
      tenant_id: world.globex.id,
      plan_code: 'starter',
    });
  });

  describe.each(['users', 'user-groups', 'menus', 'boards'])('its %s', (resource) => {
    it('are the same under its path as by themselves', async () => {
      const path = `/tenants/${world.testcorp.id}/${resource}`;
      const query = '?limit=3&sort=-created_at&with_total=true';
      const own = await world.admin.get(`/${resource}${query}`);
      expect(own.status).toBe(200);
      expect((await world.admin.get(path + query)).body).toEqual(own.body);
      expect((await world.root.get(path + query)).body).toEqual(own.body);
      expect((await world.root.get(path + query, { 'x-tenant': 'globex' })).body).toEqual(own.body);
      expect((await world.root.get(path + query, { 'x-tenant': 'nobody' })).body).toEqual(own.body);
      expect(idsOf(own).length).toBeGreaterThan(0);
      refused(await world.admin.get(`${path}?nonsense=1`), 422, 'validation_failed', 'nonsense');
    });

    it('are of nobody else', async () => {
      for (const id of [world.globex.id, NOBODY]) {
        refused(await world.admin.get(`/tenants/${id}/${resource}`), 404, 'not_found');
        refused(await world.admin.get(`/tenants/${id}/${resource}`, { 'x-tenant': 'testcorp' }), 404, 'not_found');
        refused(await world.admin.get(`/tenants/${id}/${resource}`, { 'x-tenant': id }), 403, 'tenant_mismatch');
      }
      refused(await world.root.get(`/tenants/${NOBODY}/${resource}`), 404, 'not_found');
      for (const client of [world.admin, world.root])
        refused(await client.get(`/tenants/testcorp/${resource}`), 422, 'validation_failed', 'tenant_id');
      refused(await world.app.anonymous.get(`/tenants/${world.testcorp.id}/${resource}`), 401, 'unauthenticated');
    });
  });
});
