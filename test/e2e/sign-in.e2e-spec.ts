import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { type Answer, PASSWORD } from '../support/client.js';

interface Tokens {
  access_token: string;
  refresh_token: string;
}

describe('sign-in', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const login = (body: object, headers?: Record<string, string>): Promise<Answer> =>
    app.anonymous.post('/auth/login', body, headers);
  const tokens = async (email: string): Promise<Tokens> => (await login({ email, password: PASSWORD })).body as Tokens;
  const refresh = (token: string): Promise<Answer> => app.anonymous.post('/auth/refresh', { refresh_token: token });
  const me = (token: string): Promise<Answer> =>
    app.anonymous.with({ authorization: `Bearer ${token}` }).get('/auth/me');
  const sql = <Row = Record<string, unknown>>(text: string, values?: unknown[]) => app.database.sql<Row>(text, values);

  it('finds the tenant by the address, in any case, and tells who signed in', async () => {
    const { status, body } = await login({ email: 'Admin@TestCorp.com', password: PASSWORD });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 1800,
      user: {
        email: 'admin@testcorp.com',
        tenant_code: 'testcorp',
        role_codes: ['admin'],
        is_superuser: false,
        is_company_admin: true,
      },
    });
    expect(JSON.stringify(body)).not.toMatch(/hash|\$2[aby]\$/);
    const profile = await me((body as Tokens).access_token);
    expect(profile).toMatchObject({ status: 200, body: { tenant: { tenant_code: 'testcorp' }, record_scope: 'all' } });
  });

  it('answers one thing for a wrong password, an unknown address, a suspended user and one of a deleted tenant', async () => {
    await sql(`update core.users set status = 'suspended' where email = 'editor@acme.com'`);
    await sql(`update core.organizations set deleted_at = now() where tenant_code = 'initech'`);
    const refused = [
      { email: 'admin@testcorp.com', password: 'wrong password' },
      { email: 'nobody@testcorp.com', password: PASSWORD },
      { email: 'editor@acme.com', password: PASSWORD },
      { email: 'admin@initech.com', password: PASSWORD },
    ];
    for (const body of refused) {
      const answer = await login(body);
      expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
      expect(answer.body).not.toHaveProperty('layer');
    }
    await sql(`update core.organizations set deleted_at = null where tenant_code = 'initech'`);
  });

  it('asks for the tenant when one address and password open several, and names only those that it opened', async () => {
    await sql(
      `with twin as (
         insert into core.users (id, organization_id, username, email, hashed_password, created_at, updated_at)
         select gen_random_uuid(), o.id, 'twin', 'twin@example.com', case o.tenant_code when 'umbrella' then null else u.hashed_password end, now(), now()
         from core.organizations o, core.users u where u.email = 'admin@testcorp.com' and o.tenant_code in ('testcorp', 'acme', 'umbrella')
         returning id, organization_id)
       insert into core.user_tenant_associations (organization_id, user_id) select organization_id, id from twin`,
    );
    const several = await login({ email: 'twin@example.com', password: PASSWORD });
    expect(several).toMatchObject({
      status: 409,
      body: { code: 'tenant_required', tenant_codes: ['acme', 'testcorp'] },
    });
    for (const tenant_code of ['acme', 'TESTCORP']) {
      const chosen = await login({ email: 'twin@example.com', password: PASSWORD, tenant_code });
      expect(chosen).toMatchObject({ status: 200, body: { user: { tenant_code: tenant_code.toLowerCase() } } });
    }
    const wrong = await login({ email: 'twin@example.com', password: 'wrong password' });
    expect(wrong).toMatchObject({ status: 401 });
    expect(wrong.text).not.toContain('acme');
  });

  it('takes a username in a named tenant alone', async () => {
    expect(await login({ username: 'admin', password: PASSWORD })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'tenant_code' }] },
    });
    expect((await login({ username: 'admin', password: PASSWORD, tenant_code: 'acme' })).status).toBe(200);
    expect((await login({ username: 'admin', password: PASSWORD }, { 'x-tenant': 'acme' })).status).toBe(200);
    expect((await login({ username: 'admin', password: PASSWORD, tenant_code: 'nobody' })).status).toBe(401);
  });

  it.each([
    [{}],
    [{ email: 'admin@testcorp.com' }],
    [{ email: ['admin@testcorp.com'], password: PASSWORD }],
    [{ email: { $ne: null }, password: { $ne: null } }],
    [{ email: 'admin@testcorp.com', password: PASSWORD, is_superuser: true }],
  ])('refuses the input %j', async (body) => {
    expect(await login(body)).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  });

  describe('refresh', () => {
    it('rotates: the new pair is good, and the access token of the old one stays so', async () => {
      const first = await tokens('admin@testcorp.com');
      const { status, body } = await refresh(first.refresh_token);
      expect(status).toBe(200);
      const second = body as Tokens;
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect((await me(second.access_token)).status).toBe(200);
      expect((await me(first.access_token)).status).toBe(200);
    });

    it('lets two tabs refresh at the same instant', async () => {
      const { refresh_token } = await tokens('admin@testcorp.com');
      const both = await Promise.all([refresh(refresh_token), refresh(refresh_token)]);
      expect(both.map(({ status }) => status)).toEqual([200, 200]);
      for (const { body } of both) expect((await refresh((body as Tokens).refresh_token)).status).toBe(200);
    });

    it('revokes the whole family when a token comes again after the grace, and keeps that on record', async () => {
      const first = await tokens('manager@testcorp.com');
      const second = (await refresh(first.refresh_token)).body as Tokens;
      await sql(`update core.sessions set created_at = created_at - interval '11 seconds'`);
      expect(await refresh(first.refresh_token)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
      expect((await refresh(second.refresh_token)).status).toBe(401);
      let answer = await me(second.access_token);
      for (const until = Date.now() + 2_000; answer.status === 200 && Date.now() < until;)
        answer = await me(second.access_token);
      expect(answer.status).toBe(401);
      const entries = await sql(`select from core.audit_log where action = 'refresh' and outcome = 'refused'`);
      expect(entries).toHaveLength(1);
    });

    it('refuses a suspended user, an unknown token and rubbish', async () => {
      const { refresh_token } = await tokens('executive@testcorp.com');
      await sql(`update core.users set status = 'suspended' where email = 'executive@testcorp.com'`);
      expect((await refresh(refresh_token)).status).toBe(401);
      await sql(`update core.users set status = 'active' where email = 'executive@testcorp.com'`);
      expect((await refresh(refresh_token)).status).toBe(200);
      expect((await refresh('a'.repeat(43))).status).toBe(401);
      expect((await app.anonymous.post('/auth/refresh', { refresh_token: 7 })).status).toBe(422);
    });
  });

  it('logs out one session, and all of a person’s', async () => {
    const [one, two] = [await tokens('viewer@acme.com'), await tokens('viewer@acme.com')];
    const as = ({ access_token }: Tokens) => app.anonymous.with({ authorization: `Bearer ${access_token}` });
    expect((await as(one).post('/auth/logout')).status).toBe(204);
    expect((await refresh(one.refresh_token)).status).toBe(401);
    expect((await me(two.access_token)).status).toBe(200);
    expect((await as(two).post('/auth/logout-all')).status).toBe(204);
    expect((await refresh(two.refresh_token)).status).toBe(401);
  });

  describe('an access token', () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const SECRET = 'a secret for tests alone, of 32 and more characters';
    const signed = (header: object, claims: object, secret = SECRET) => {
      const data = `${part(header)}.${part(claims)}`;
      return `${data}.${createHmac('sha256', secret).update(data).digest('base64url')}`;
    };
    let header: Record<string, unknown>;
    let claims: Record<string, unknown>;
    beforeAll(async () => {
      const [head = '', body = ''] = (await tokens('admin@testcorp.com')).access_token.split('.');
      header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
      claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    });

    it('is good as it was made', async () => {
      expect((await me(signed(header, claims))).status).toBe(200);
    });

    it('is refused with another algorithm, type, issuer, audience, key or tenant', async () => {
      const [globex] = await sql<{ id: string }>(`select id from core.organizations where tenant_code = 'globex'`);
      const forged = [
        `${part({ ...header, alg: 'none' })}.${part(claims)}.`,
        signed({ ...header, alg: 'HS512' }, claims),
        signed({ ...header, typ: 'JWT' }, claims),
        signed(header, { ...claims, iss: 'somebody' }),
        signed(header, { ...claims, aud: 'something' }),
        signed(header, claims, 'another secret, just as long as the right one'),
        signed(header, { ...claims, org: globex?.id }),
        signed(header, { ...claims, org: null }),
        signed(header, { ...claims, sid: '0198a8a2-0000-7000-8000-000000000000' }),
        signed(header, { ...claims, sub: '0198a8a2-0000-7000-8000-000000000000' }),
      ];
      for (const token of forged)
        expect(await me(token)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    });

    it('ends, and says so', async () => {
      expect(await me(signed(header, { ...claims, exp: Math.floor(Date.now() / 1000) - 5 }))).toMatchObject({
        status: 401,
        body: { code: 'token_expired' },
      });
    });
  });

  it('leaves one entry in the audit log for each sign-in, refused or not, without a secret', async () => {
    const before = (await sql('select id from core.audit_log')).length;
    await tokens('admin@globex.com');
    await login({ email: 'admin@globex.com', password: 'not my password' });
    const entries = await sql<{ outcome: string }>(
      `select * from core.audit_log where action = 'login' order by at desc, id desc limit 2`,
    );
    expect((await sql('select id from core.audit_log')).length).toBe(before + 2);
    expect(entries.map(({ outcome }) => outcome).sort()).toEqual(['ok', 'refused']);
    expect(JSON.stringify(await sql('select * from core.audit_log'))).not.toMatch(
      /not my password|password123|\$2[aby]\$/,
    );
  });
});
