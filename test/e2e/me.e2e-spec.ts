import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { changedRows, rowsOf } from '../support/oracles.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

interface Session {
  access_token: string;
  refresh_token: string;
  user: { id: string; version: number };
}

describe('oneself', () => {
  let app: TestApp;
  let acme: Tenant;
  let testcorp: Tenant;
  beforeAll(async () => {
    app = await startApp();
    acme = await tenantOf(app.database, 'acme');
    testcorp = await tenantOf(app.database, 'testcorp');
  });
  afterAll(() => app.close());

  const sql = <Row = Record<string, unknown>>(text: string, values: unknown[] = []) =>
    app.database.sql<Row>(text, values);
  const as = ({ body }: Answer): Client =>
    app.anonymous.with({ authorization: `Bearer ${(body as Session).access_token}` });
  const userIn = async (email: string) => (await sql(`select * from core.users where email = $1`, [email]))[0] ?? {};
  /** Makes a testcorp user a guest at acme, with a role there. */
  const makeGuest = (email: string) =>
    sql(
      `with guest as (
         insert into core.user_tenant_associations (organization_id, user_id) select $2, u.id from core.users u where u.email = $1
         on conflict (organization_id, user_id) do update set status = 'active' returning user_id)
       insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
       select uuidv7(), $2, g.user_id, r.scope_id, r.id from guest g, core.roles r where r.role_code = 'user' and r.organization_id is null
       on conflict do nothing`,
      [email, acme.id],
    );

  describe('is changed', () => {
    const CHANGE = {
      full_name: 'Vera L.',
      first_name: 'Vera',
      last_name: 'Lindqvist',
      phone: '+49 30 123456',
      avatar_url: 'https://example.com/vera.png',
      preferences: { theme: 'dark', nested: { a: [1, null] } },
    };

    it('as said, and nothing else: of nobody else, and with one entry of before and after', async () => {
      // the executive may not read users
      const email = 'executive@testcorp.com';
      const client = await app.signIn(email);
      const before = await rowsOf(app.database);
      const old = await userIn(email);
      const answer = await client.patch('/auth/me', CHANGE, { 'x-request-id': 'change-of-me' });
      expect(answer).toMatchObject({ status: 200, body: { ...CHANGE, email, role_codes: ['executive'] } });
      expect(answer.headers.get('etag')).toBe(`"${String(Number(old['version']) + 1)}"`);
      expect(await userIn(email)).toEqual({
        ...old,
        ...CHANGE,
        version: Number(old['version']) + 1,
        updated_by: old['id'],
        updated_at: expect.any(Date),
      });
      const changed = changedRows(before, await rowsOf(app.database), /^(?!core\.audit_log )/);
      expect(changed).toEqual([`core.users ${String(old['id'])}`]);
      const entries = await sql(
        `select organization_id, actor_id, actor_kind, action, resource, resource_id, changes->'before'->>'phone' as before, changes->'after'->>'phone' as after
         from core.audit_log where request_id = 'change-of-me'`,
      );
      expect(entries).toEqual([
        {
          organization_id: testcorp.id,
          ...{ actor_id: old['id'], actor_kind: 'user', action: 'update', resource: 'users', resource_id: old['id'] },
          ...{ before: old['phone'], after: CHANGE.phone },
        },
      ]);
      expect((await client.get('/auth/me')).body).toMatchObject({ user: CHANGE });
    });

    it('where something is said: absent leaves, null clears, an empty body changes nothing', async () => {
      const client = await app.signIn('manager@testcorp.com');
      await client.patch('/auth/me', CHANGE);
      const { body } = await client.patch('/auth/me', { full_name: null, phone: null });
      expect(body).toMatchObject({ full_name: 'Vera Lindqvist', phone: null, avatar_url: CHANGE.avatar_url });
      const old = await userIn('manager@testcorp.com');
      expect(old).toMatchObject({ full_name: null, phone: null });
      expect((await client.patch('/auth/me', {})).status).toBe(200);
      expect(await userIn('manager@testcorp.com')).toEqual(old);
    });

    it.each([
      [{ status: 'active' }, 'status'],
      [{ email: 'other@testcorp.com' }, 'email'],
      [{ organization_id: null }, 'organization_id'],
      [{ is_superuser: true }, 'is_superuser'],
      [{ version: 7 }, 'version'],
      [{ hashed_password: 'x' }, 'hashed_password'],
      [{ full_name: 'x'.repeat(101) }, 'full_name'],
      [{ first_name: ' ' }, 'first_name'],
      [{ phone: 'call me' }, 'phone'],
      [{ avatar_url: 'javascript:alert(1)' }, 'avatar_url'],
      [{ preferences: null }, 'preferences'],
      [{ preferences: [] }, 'preferences'],
    ])('never by %j', async (body, path) => {
      const client = await app.signIn('viewer@testcorp.com');
      const old = await userIn('viewer@testcorp.com');
      expect(await client.patch('/auth/me', body)).toMatchObject({ status: 422, body: { errors: [{ path }] } });
      expect(await userIn('viewer@testcorp.com')).toEqual(old);
    });

    it('on the version that was read alone, where If-Match says so', async () => {
      const client = await app.signIn('editor@testcorp.com');
      const first = await client.patch('/auth/me', { phone: '112' });
      const tag = first.headers.get('etag') ?? '';
      expect((await client.patch('/auth/me', { phone: '113' }, { 'if-match': tag })).status).toBe(200);
      const stale = await client.patch('/auth/me', { phone: '114' }, { 'if-match': tag });
      expect(stale).toMatchObject({ status: 412, body: { code: 'stale' } });
      expect(await userIn('editor@testcorp.com')).toMatchObject({ phone: '113' });
      expect((await client.patch('/auth/me', { phone: '115' }, { 'if-match': '*' })).status).toBe(200);
    });

    it('by a guest too, whose row stays that of his home', async () => {
      await makeGuest('viewer@testcorp.com');
      const home = await app.signIn('viewer@testcorp.com');
      const guest = as(await home.post('/auth/switch-tenant', { tenant_code: 'acme' }));
      const before = await rowsOf(app.database, acme.id);
      const answer = await guest.patch('/auth/me', { phone: '+49 40 1' + '23' }, { 'x-request-id': 'change-by-guest' });
      expect(answer).toMatchObject({ status: 200, body: { phone: '+49 40 123', tenant_code: 'testcorp' } });
      expect(await userIn('viewer@testcorp.com')).toMatchObject({ phone: '+49 40 123' });
      expect(changedRows(before, await rowsOf(app.database, acme.id))).toEqual([]);
      const entries = await sql(`select organization_id from core.audit_log where request_id = 'change-by-guest'`);
      expect(entries).toEqual([{ organization_id: testcorp.id }]);
    });

    it('by a platform user too, with and without a tenant', async () => {
      const client = await app.signIn('superadmin@example.com');
      expect((await client.patch('/auth/me', { phone: '113' })).status).toBe(200);
      expect((await client.with({ 'x-tenant': 'acme' }).patch('/auth/me', { phone: '112' })).status).toBe(200);
      expect(await userIn('superadmin@example.com')).toMatchObject({ phone: '112', organization_id: null });
    });
  });

  describe('goes to another tenant', () => {
    const email = 'manager@testcorp.com';
    let home: Client;
    const go = (body: object, client = home) => client.post('/auth/switch-tenant', body);
    beforeEach(async () => {
      await makeGuest(email);
      home = await app.signIn(email);
    });

    it('of his, by code or id, with a session of its own beside the present one', async () => {
      const user = await userIn(email);
      for (const body of [{ tenant_code: 'ACME' }, { tenant_id: acme.id }, { tenant_code: null, tenant_id: acme.id }]) {
        const answer = await go(body);
        expect(answer).toMatchObject({
          status: 200,
          body: { token_type: 'Bearer', user: { email, role_codes: ['user'] } },
        });
        expect((await as(answer).get('/auth/me')).body).toMatchObject({ tenant: { tenant_code: 'acme' } });
      }
      expect((await home.get('/auth/me')).body).toMatchObject({ tenant: { tenant_code: 'testcorp' } });
      expect(await userIn(email)).toEqual(user);
      const sessions = await sql(
        `select distinct family from core.sessions where user_id = $1 and organization_id = $2`,
        [user['id'], acme.id],
      );
      const entries = await sql(
        `select resource, resource_id as family, actor_id from core.audit_log where action = 'switch_tenant' and organization_id = $1 and actor_id = $2`,
        [acme.id, user['id']],
      );
      expect(entries).toHaveLength(3);
      expect(new Set(entries.map(({ family }) => family))).toEqual(new Set(sessions.map(({ family }) => family)));
    });

    it('and back home, and stays there by refreshing', async () => {
      const away = await go({ tenant_code: 'acme' });
      const { refresh_token } = away.body as Session;
      const renewed = await app.anonymous.post('/auth/refresh', { refresh_token });
      expect((await as(renewed).get('/auth/me')).body).toMatchObject({ tenant: { tenant_code: 'acme' } });
      const back = await go({ tenant_code: 'testcorp' }, as(away));
      expect((await as(back).get('/auth/me')).body).toMatchObject({ tenant: { tenant_code: 'testcorp' } });
    });

    it('but not to one that is not his, whether it exists or not', async () => {
      const before = await sql(`select id from core.sessions`);
      const answers = [
        await go({ tenant_code: 'globex' }),
        await go({ tenant_code: 'nosuch' }),
        await go({ tenant_id: '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' }),
      ];
      for (const { status, body } of answers) {
        expect(status).toBe(404);
        expect({ ...body, request_id: '' }).toEqual({ ...answers[0]?.body, request_id: '' });
      }
      await sql(
        `update core.user_tenant_associations set status = 'suspended' where organization_id = $1 and user_id = (select id from core.users where email = $2)`,
        [acme.id, email],
      );
      expect((await go({ tenant_code: 'acme' })).status).toBe(404);
      await sql(
        `delete from core.user_roles where organization_id = $1 and user_id = (select id from core.users where email = $2)`,
        [acme.id, email],
      );
      await sql(
        `delete from core.user_tenant_associations where organization_id = $1 and user_id = (select id from core.users where email = $2)`,
        [acme.id, email],
      );
      expect((await go({ tenant_code: 'acme' })).status).toBe(404);
      expect(await sql(`select id from core.sessions`)).toHaveLength(before.length);
    });

    it('but not to one that is suspended or deleted', async () => {
      await sql(`update core.organizations set status = 'suspended' where id = $1`, [acme.id]);
      expect(await go({ tenant_code: 'acme' })).toMatchObject({
        status: 403,
        body: { code: 'tenant_suspended', layer: 'tenant' },
      });
      await sql(`update core.organizations set status = 'active', deleted_at = now() where id = $1`, [acme.id]);
      expect((await go({ tenant_code: 'acme' })).status).toBe(404);
      await sql(`update core.organizations set deleted_at = null where id = $1`, [acme.id]);
    });

    it('but not as a platform user, nor without saying which', async () => {
      expect((await go({ tenant_code: 'acme' }, await app.signIn('superadmin@example.com'))).status).toBe(404);
      for (const body of [{}, { tenant_code: 'acme', tenant_id: acme.id }, { tenant_id: 'acme' }, { tenant_code: 7 }])
        expect(await go(body)).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    });
  });
});
