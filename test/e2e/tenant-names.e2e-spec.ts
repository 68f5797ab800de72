import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { PASSWORD } from '../support/client.js';
import { exchange, hangUp, type Received, type Sent } from '../support/oracles-exchange.js';

/** Longer than a host that named nobody is remembered, in milliseconds. */
const SOON = 4_000;

describe('what names a tenant', () => {
  let app: TestApp;
  let ids: Map<string, string>;
  let root: Record<string, string>;
  let acmes: Record<string, string>;
  beforeAll(async () => {
    app = await startApp(undefined, { BASE_DOMAIN: 'tenantry.test' });
    await change('acme', `subdomain = 'Rockets', domain = 'App.Acme.example', domain_verified_at = now()`);
    await change('globex', `subdomain = 'world', domain = 'claimed.example'`);
    const rows = await sql<{ code: string; id: string }>(`select tenant_code as code, id from core.organizations`);
    ids = new Map(rows.map(({ code, id }) => [code, id]));
    root = { ...(await app.signIn('superadmin@example.com')).headers };
    acmes = { ...(await app.signIn('admin@acme.com')).headers };
  });
  afterAll(async () => {
    hangUp();
    await app.close();
  });

  const sql = <Row extends object>(text: string, values: unknown[] = []) => app.database.sql<Row>(text, values);
  const change = (code: string, what: string) =>
    sql(`update core.organizations set ${what} where tenant_code = $1`, [code]);
  const idOf = (code: string): string => ids.get(code) ?? '';

  /** `fetch` would not let a host be chosen. */
  async function ask(path: string, headers: Sent['headers'], more: Partial<Sent> = {}): Promise<Received> {
    const received = await exchange(app.url, {
      method: 'GET',
      path: `/api/v1${path}`,
      headers: { ...headers },
      ...more,
    });
    if (received === undefined) throw new Error('Node refused to send this');
    return received;
  }
  const leads = (host: string, headers = acmes) => ask('/crm/leads?limit=1', { ...headers, host });
  const login = (body: object, headers: Sent['headers']) => ask('/auth/login', headers, { method: 'POST', body });
  /** What is answered in the end: a change is heard of within a moment. */
  async function eventually(status: number, host: string): Promise<Received> {
    let received = await leads(host);
    for (const until = Date.now() + SOON; received.status !== status && Date.now() < until;)
      received = await leads(host);
    return received;
  }

  const MISMATCH = { status: 403, body: { code: 'tenant_mismatch', layer: 'tenant' } };

  describe('a host', () => {
    it('names the tenant of a sign-in by its subdomain or by its verified domain', async () => {
      const admin = { username: 'admin', password: PASSWORD };
      for (const host of ['rockets.tenantry.test', 'ROCKETS.Tenantry.test.:3000', 'app.acme.example:443'])
        expect(await login(admin, { host })).toMatchObject({ status: 200 });
      // neither a code, nor a domain that nobody verified, nor the bare domain, nor an address
      for (const host of [
        'acme.tenantry.test',
        'claimed.example',
        'tenantry.test',
        '127.0.0.1',
        'a.rockets.tenantry.test',
      ])
        expect(await login(admin, { host })).toMatchObject({
          status: 422,
          body: { errors: [{ path: 'tenant_code' }] },
        });
    });

    it('stands behind what the body and the header name', async () => {
      const globex = { email: 'admin@globex.com', password: PASSWORD };
      const host = 'rockets.tenantry.test';
      expect(await login(globex, { host })).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
      expect((await login(globex, { host, 'x-tenant': 'globex' })).status).toBe(200);
      expect((await login({ ...globex, tenant_code: 'globex' }, { host, 'x-tenant': 'acme' })).status).toBe(200);
    });

    it("is refused to a tenant's user when it is another's, in any writing, before his permissions", async () => {
      for (const host of ['world.tenantry.test', 'WORLD.tenantry.test:8080', 'world.tenantry.test.'])
        expect(await leads(host)).toMatchObject(MISMATCH);
      const viewer = { ...(await app.signIn('viewer@globex.com')).headers };
      for (const host of ['rockets.tenantry.test', 'app.acme.example'])
        expect(await ask('/manufacturing/orders', { ...viewer, host }, { method: 'POST', body: {} })).toMatchObject(
          MISMATCH,
        );
    });

    it("serves a tenant's user when it is his own or nobody's", async () => {
      for (const host of ['rockets.tenantry.test', 'app.acme.example.', 'globex.tenantry.test', 'claimed.example'])
        expect((await leads(host)).status).toBe(200);
      for (const host of ['tenantry.test', 'localhost:3000', '127.0.0.1', '[::1]:3000', 'what?is=this'])
        expect((await leads(host)).status).toBe(200);
    });

    it('is not what a caller forwards: no proxy is trusted here', async () => {
      expect((await ask('/crm/leads', { ...acmes, 'x-forwarded-host': 'world.tenantry.test' })).status).toBe(200);
      expect(
        await leads('world.tenantry.test', { ...acmes, 'x-forwarded-host': 'rockets.tenantry.test' }),
      ).toMatchObject(MISMATCH);
    });

    it('is what a trusted proxy forwards', async () => {
      const behind = await startApp(app.database, { BASE_DOMAIN: 'tenantry.test', TRUST_PROXY: 'loopback' });
      try {
        const headers = { ...acmes, host: 'inside', 'x-forwarded-host': 'world.tenantry.test' };
        const refused = await exchange(behind.url, { method: 'GET', path: '/api/v1/crm/leads', headers });
        expect(refused).toMatchObject(MISMATCH);
      } finally {
        await behind.close();
      }
    });

    it('means nothing to a platform user', async () => {
      expect(await leads('world.tenantry.test', root)).toMatchObject({
        status: 400,
        body: { code: 'tenant_required' },
      });
      const { status, body } = await leads('world.tenantry.test', { ...root, 'x-tenant': 'acme' });
      expect({ status, items: body?.['items'] }).toMatchObject({ status: 200, items: [{ tenant_id: idOf('acme') }] });
    });

    it('is followed when it changes hands', async () => {
      expect((await leads('moving.tenantry.test')).status).toBe(200);
      await change('globex', `subdomain = 'moving'`);
      expect(await eventually(403, 'moving.tenantry.test')).toMatchObject(MISMATCH);
      await change('globex', `subdomain = 'world'`);
      expect((await eventually(200, 'moving.tenantry.test')).status).toBe(200);
      await change('globex', `domain_verified_at = now()`);
      expect(await eventually(403, 'claimed.example')).toMatchObject(MISMATCH);
      await change('globex', `domain_verified_at = null`);
      expect((await eventually(200, 'claimed.example')).status).toBe(200);
    });

    it('is followed where it was nobody’s a moment ago', async () => {
      expect((await leads('late.tenantry.test')).status).toBe(200);
      await change('globex', `subdomain = 'late'`);
      expect(await eventually(403, 'late.tenantry.test')).toMatchObject(MISMATCH);
      await change('globex', `subdomain = 'world'`);
    });

    it('is nobody’s once its tenant is deleted', async () => {
      await change('initech', `subdomain = 'gone'`);
      expect(await eventually(403, 'gone.tenantry.test')).toMatchObject(MISMATCH);
      await change('initech', `deleted_at = now()`);
      expect((await eventually(200, 'gone.tenantry.test')).status).toBe(200);
    });
  });

  describe('a platform user in a tenant', () => {
    const entries = (code: string) =>
      sql(
        `select actor_kind, action, resource, resource_id, outcome, reason, request_id is not null as of_request
         from core.audit_log where organization_id = $1 and action = 'read' order by at, id`,
        [idOf(code)],
      );
    const read = { actor_kind: 'platform', action: 'read', resource_id: null, outcome: 'ok', of_request: true };

    it('leaves an entry in its log for each reading, before he is answered', async () => {
      const acme = { ...root, 'x-tenant': 'acme' };
      const before = (await entries('acme')).length;
      expect((await ask('/crm/leads', acme)).status).toBe(200);
      expect((await ask('/crm/leads', { ...acme, 'x-reason': 'Ticket 4711' }, { method: 'HEAD' })).status).toBe(200);
      expect((await ask('/crm/leads.csv', acme)).status).toBe(200);
      expect((await entries('acme')).slice(before)).toEqual([
        { ...read, resource: 'crm.leads', reason: null },
        { ...read, resource: 'crm.leads', reason: 'Ticket 4711' },
        { ...read, resource: 'crm.leads', reason: null },
      ]);
    });

    it('leaves none for what he asks about himself, nor does anybody else', async () => {
      const before = [...(await entries('acme')), ...(await entries('globex'))].length;
      await ask('/auth/me', { ...root, 'x-tenant': 'acme' });
      await ask('/crm/leads', { ...root, 'x-tenant': 'nobody' });
      await ask('/crm/leads', acmes);
      expect([...(await entries('acme')), ...(await entries('globex'))]).toHaveLength(before);
    });

    it('gives his reason with what he writes', async () => {
      const reason = 'Störung 4711 – 점검';
      const bytes = Buffer.from(reason).toString('latin1');
      const globex = { ...root, 'x-tenant': 'globex' };
      const headers = { ...globex, 'x-reason': bytes };
      const { body } = await ask('/crm/leads', headers, { method: 'POST', body: { name: 'Made by the platform' } });
      const id = String(body?.['id']);
      await ask(`/crm/leads/${id}`, headers, { method: 'PATCH', body: { name: 'Changed by the platform' } });
      await ask(`/crm/leads/${id}`, globex, { method: 'DELETE' });
      expect(
        await app.database.everywhere(
          `select action, actor_kind, reason from audit_log where resource_id = $1 order by at, id`,
          [id],
        ),
      ).toEqual([
        { action: 'create', actor_kind: 'platform', reason },
        { action: 'update', actor_kind: 'platform', reason },
        { action: 'delete', actor_kind: 'platform', reason: null },
      ]);
    });

    it("stands alone with a reason: a tenant's user gives none", async () => {
      const globex = { ...(await app.signIn('admin@globex.com')).headers, 'x-reason': 'x'.repeat(300) };
      const { status, body } = await ask('/crm/leads', globex, { method: 'POST', body: { name: 'Their own' } });
      expect(status).toBe(201);
      expect(
        await app.database.everywhere(`select reason from audit_log where resource_id = $1`, [body?.['id']]),
      ).toEqual([{ reason: null }]);
    });

    it('is asked for a reason where the tenant’s settings say so, behind the layers and before his input', async () => {
      const globex = { ...root, 'x-tenant': 'globex' };
      const post = (headers: Sent['headers'], body: object) => ask('/crm/leads', headers, { method: 'POST', body });
      await change('globex', `settings = jsonb_set(settings, '{security}', '{"require_reason": true}')`);
      let refused = await ask('/crm/leads', globex);
      for (const until = Date.now() + SOON; refused.status === 200 && Date.now() < until;)
        refused = await ask('/crm/leads', globex);
      expect(refused).toMatchObject({ status: 422, body: { code: 'reason_required' } });

      const counted = (await app.database.everywhere('select from crm_leads')).length;
      const before = (await entries('globex')).length;
      const unfit = ['', ' ', 'x'.repeat(256), 'caf\u00e9'];
      for (const reason of unfit)
        expect(await post({ ...globex, 'x-reason': reason }, { name: 'Without' })).toMatchObject({
          status: 422,
          body: { code: 'reason_required' },
        });
      expect(await post(globex, { nonsense: true })).toMatchObject({ status: 422, body: { code: 'reason_required' } });
      expect(await ask('/crm/leads', { ...globex, authorization: 'Bearer x.y.z' })).toMatchObject({ status: 401 });
      expect(await app.database.everywhere('select from crm_leads')).toHaveLength(counted);
      expect(await entries('globex')).toHaveLength(before);

      expect((await ask('/crm/leads', { ...globex, 'x-reason': 'Ticket 4711' })).status).toBe(200);
      expect((await entries('globex')).slice(before)).toEqual([
        { ...read, resource: 'crm.leads', reason: 'Ticket 4711' },
      ]);
      expect((await ask('/auth/me', globex)).status).toBe(200);
      expect((await ask('/crm/leads', { ...(await app.signIn('admin@globex.com')).headers })).status).toBe(200);
      expect((await ask('/crm/leads', { ...root, 'x-tenant': 'acme' })).status).toBe(200);
    });
  });
});
