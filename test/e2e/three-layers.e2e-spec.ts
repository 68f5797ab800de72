import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';

describe('the three layers', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('lets an entitled tenant in, and refuses what its plan does not have, by name of the layer', async () => {
    const admin = await app.signIn('admin@globex.com');
    expect((await admin.get('/crm/leads')).status).toBe(200);
    const refused = await admin.get('/manufacturing/orders');
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 'not_entitled', layer: 'entitlement', reason: 'not_in_plan' },
    });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });

  it('refuses a permission that the role lacks', async () => {
    const viewer = await app.signIn('viewer@testcorp.com');
    expect((await viewer.get('/crm/leads')).status).toBe(200);
    const before = (await app.database.everywhere('select from crm_leads')).length;
    const refused = await viewer.post('/crm/leads', { name: 'Not allowed' });
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 'permission_denied', layer: 'permission', required: 'crm_leads_create' },
    });
    expect(await app.database.everywhere('select from crm_leads')).toHaveLength(before);
  });

  it('refuses a suspended tenant at sign-in, whose password was right', async () => {
    const refused = await app.anonymous.post('/auth/login', { email: 'admin@umbrella.com', password: 'password123' });
    expect(refused).toMatchObject({ status: 403, body: { code: 'tenant_suspended', layer: 'tenant' } });
    const wrong = await app.anonymous.post('/auth/login', { email: 'admin@umbrella.com', password: 'wrong-password' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
  });

  it('refuses a token whose tenant was suspended since', async () => {
    const admin = await app.signIn('admin@initech.com');
    expect((await admin.get('/crm/leads')).status).toBe(200);
    await app.database.sql(`update core.organizations set status = 'suspended' where tenant_code = 'initech'`);
    let answer = await admin.get('/crm/leads');
    for (const until = Date.now() + 2_000; answer.status === 200 && Date.now() < until;)
      answer = await admin.get('/crm/leads');
    expect(answer).toMatchObject({ status: 403, body: { code: 'tenant_suspended', layer: 'tenant' } });
    await app.database.sql(`update core.organizations set status = 'active' where tenant_code = 'initech'`);
  });

  it('answers 401 without a token, with a bad one and with a foreign one, before anything else', async () => {
    const token = (value: string) => app.anonymous.with({ authorization: value }).get('/crm/leads?nonsense=1');
    for (const value of ['Bearer x.y.z', 'Bearer ', 'Basic YWRtaW46cGFzc3dvcmQ=', 'bearer'])
      expect(await token(value)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const none = await app.anonymous.get('/crm/leads');
    expect(none).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
  });

  describe('of a platform user', () => {
    it('take the tenant of `tenant_id` in what is posted, where no header names one', async () => {
      const root = await app.signIn('superadmin@example.com');
      const tenants = await app.database.sql<{ id: string; code: string }>(
        `select id, tenant_code as code from core.organizations where tenant_code in ('acme', 'globex')`,
      );
      const idOf = (code: string): string => tenants.find((tenant) => tenant.code === code)?.id ?? '';
      const post = (tenant_id: unknown, headers = {}) =>
        root.post('/crm/leads', { name: 'Posted', tenant_id }, headers);
      expect(await post(idOf('acme').toUpperCase())).toMatchObject({
        status: 201,
        body: { tenant_id: idOf('acme'), owner_id: null },
      });
      expect(await post(idOf('acme'), { 'x-tenant': 'globex' })).toMatchObject({
        status: 403,
        body: { code: 'tenant_mismatch' },
      });
      expect((await post('01a00000-0000-7000-8000-000000000000')).status).toBe(404);
      expect(await post('acme')).toMatchObject({ status: 400, body: { code: 'tenant_required' } });
      const changed = await root.send('PATCH', '/crm/leads/01a00000-0000-7000-8000-000000000000', {
        tenant_id: idOf('acme'),
      });
      expect(changed).toMatchObject({ status: 400, body: { code: 'tenant_required' } });
    });

    it('ask for a tenant by X-Tenant, as code in any case or as id', async () => {
      const root = await app.signIn('superadmin@example.com');
      expect(await root.get('/crm/leads')).toMatchObject({ status: 400, body: { code: 'tenant_required' } });
      const [globex] = await app.database.sql<{ id: string }>(
        `select id from core.organizations where tenant_code = 'globex'`,
      );
      for (const name of ['globex', 'GLOBEX', globex?.id ?? '']) {
        const { status, body } = await root.get('/crm/leads', { 'x-tenant': name });
        expect(status).toBe(200);
        expect(new Set((body as { items: { tenant_id: string }[] }).items.map((lead) => lead.tenant_id))).toEqual(
          new Set([globex?.id]),
        );
      }
      expect((await root.get('/crm/leads', { 'x-tenant': 'nobody' })).status).toBe(404);
    });

    it('pass entitlements and permissions', async () => {
      const root = await app.signIn('superadmin@example.com');
      expect((await root.get('/manufacturing/orders', { 'x-tenant': 'globex' })).status).toBe(200);
    });

    it('leave an audit entry as platform in the tenant', async () => {
      const root = await app.signIn('superadmin@example.com');
      const { body } = await root.post('/crm/leads', { name: 'Made by the platform' }, { 'x-tenant': 'globex' });
      const entries = await app.database.everywhere('select actor_kind, action from audit_log where resource_id = $1', [
        (body as { id: string }).id,
      ]);
      expect(entries).toEqual([{ actor_kind: 'platform', action: 'create' }]);
    });
  });

  it('let nobody else name another tenant, existing or not, and let everybody name his own', async () => {
    const admin = await app.signIn('admin@testcorp.com');
    for (const name of ['globex', 'nobody', '0198a8a2-0000-7000-8000-000000000000'])
      expect(await admin.get('/crm/leads', { 'x-tenant': name })).toMatchObject({
        status: 403,
        body: { code: 'tenant_mismatch', layer: 'tenant' },
      });
    expect((await admin.get('/crm/leads', { 'x-tenant': 'TestCorp' })).status).toBe(200);
  });

  it('stand in their order: entitlement before permission before input', async () => {
    const viewer = await app.signIn('viewer@globex.com');
    expect(await viewer.post('/manufacturing/orders', { nonsense: true })).toMatchObject({
      status: 403,
      body: { layer: 'entitlement' },
    });
    expect(await viewer.post('/crm/leads', { nonsense: true })).toMatchObject({
      status: 403,
      body: { layer: 'permission' },
    });
  });

  it('are explained by the code that decides', async () => {
    const admin = await app.signIn('admin@globex.com');
    const [user] = await app.database.sql<{ id: string }>(
      `select id from core.users where email = 'viewer@globex.com'`,
    );
    const explain = async (access: string) =>
      (await admin.get(`/access/explain?user_id=${user?.id ?? ''}&access=${access}`)).body as {
        verdict: object;
        layers: object[];
      };
    expect(await explain('crm.leads:read')).toMatchObject({ verdict: { passed: true } });
    expect(await explain('manufacturing.orders:read')).toMatchObject({
      verdict: { passed: false, layer: 'entitlement', code: 'not_entitled' },
    });
    const denied = await explain('crm.leads:create');
    expect(denied).toMatchObject({ verdict: { passed: false, layer: 'permission', code: 'permission_denied' } });
    expect(denied.layers).toHaveLength(3);
    const stranger = await app.database.sql<{ id: string }>(
      `select id from core.users where email = 'viewer@testcorp.com'`,
    );
    expect((await admin.get(`/access/explain?user_id=${stranger[0]?.id ?? ''}&access=crm.leads:read`)).status).toBe(
      404,
    );
    expect((await admin.get(`/access/explain?user_id=${user?.id ?? ''}&access=crm.leeds:read`)).status).toBe(422);
  });
});
