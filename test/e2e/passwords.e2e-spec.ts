import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type TestApp } from '../support/app.js';
import { type Answer, type Client, PASSWORD } from '../support/client.js';
import { mailsTo, tokenIn } from '../support/mail.js';
import { changedRows, rowsOf } from '../support/oracles.js';
import { tenantOf } from '../support/tenants.js';

const NEW = 'secure_password_123';

describe('passwords', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const sql = <Row = Record<string, unknown>>(text: string, values: unknown[] = []) =>
    app.database.sql<Row>(text, values);
  const login = (email: string, password: string): Promise<Answer> =>
    app.anonymous.post('/auth/login', { email, password });
  const forgot = (body: object, headers?: Record<string, string>) =>
    app.anonymous.post('/auth/password/forgot', body, headers);
  const reset = (token: string, password = NEW) => app.anonymous.post('/auth/password/reset', { token, password });
  /** The token of the next mail to this address. */
  const resetToken = async (email: string, body: object = { email }): Promise<string> => {
    const before = (await mailsTo(app.app, email)).length;
    expect((await forgot(body)).status).toBe(202);
    const mails = await mailsTo(app.app, email, before + 1);
    expect(mails).toHaveLength(before + 1);
    return tokenIn(mails[before] ?? { to: '', subject: '', text: '', organizationId: null });
  };
  /** Mails come one after the other: once this one is there, all that were asked for before it are. */
  const settle = () => resetToken('viewer@testcorp.com');
  const untilRefused = async (client: Client): Promise<number> => {
    let { status } = await client.get('/auth/me');
    for (const until = Date.now() + 2_000; status === 200 && Date.now() < until;)
      ({ status } = await client.get('/auth/me'));
    return status;
  };
  const hashOf = async (email: string) =>
    (await sql<{ hashed_password: string }>(`select hashed_password from core.users where email = $1`, [email]))[0]
      ?.hashed_password;
  const invalidToken = { status: 422, body: { errors: [{ path: 'token', code: 'invalid' }] } };

  describe('a forgotten one', () => {
    it('is answered alike whether the address has an account or not', async () => {
      const answers = [
        await forgot({ email: 'editor@globex.com' }),
        await forgot({ email: 'nobody@globex.com' }),
        await forgot({ email: 'editor@globex.com', tenant_code: 'nosuch' }),
        await forgot({ email: 'editor@globex.com', tenant_code: 'acme' }),
        await forgot({ email: 'editor@globex.com' }, { 'x-tenant': 'acme' }),
      ];
      for (const { status, text, headers } of answers) {
        expect([status, text]).toEqual([202, '']);
        expect(headers.get('content-length') ?? '0').toBe('0');
      }
      await settle();
      expect(await mailsTo(app.app, 'editor@globex.com')).toHaveLength(1);
      expect(await mailsTo(app.app, 'nobody@globex.com')).toEqual([]);
    });

    it('is mailed to no one who is suspended or inactive, has no password, or is of a tenant that is shut', async () => {
      const people = ['suspended', 'inactive', 'provider', 'guest'].map((name) => `${name}@initech.com`);
      await sql(
        `with made as (
           insert into core.users (id, organization_id, username, email, hashed_password, status)
           select uuidv7(), o.id, split_part(e, '@', 1), e, case e when 'provider@initech.com' then null else 'x' end,
             case split_part(e, '@', 1) when 'suspended' then 'suspended' when 'inactive' then 'inactive' else 'active' end
           from core.organizations o, unnest($1::text[]) e where o.tenant_code = 'initech' returning id, organization_id, username)
         insert into core.user_tenant_associations (organization_id, user_id, status)
         select organization_id, id, case username when 'guest' then 'suspended' else 'active' end from made`,
        [people],
      );
      const shut = ['viewer@initech.com'];
      await sql(`update core.organizations set status = 'suspended' where tenant_code = 'initech'`);
      const before = await sql(`select id from core.one_time_tokens`);
      for (const email of shut) expect((await forgot({ email })).status).toBe(202);
      await settle();
      await sql(`update core.organizations set status = 'active' where tenant_code = 'initech'`);
      for (const email of people) expect((await forgot({ email })).status).toBe(202);
      await settle();
      for (const email of [...people, ...shut]) expect(await mailsTo(app.app, email)).toEqual([]);
      expect(await sql(`select id from core.one_time_tokens`)).toHaveLength(before.length + 2);
    });

    it('is mailed for each account of the address, or for the one of the tenant that is named', async () => {
      await sql(
        `with made as (
           insert into core.users (id, organization_id, username, email, hashed_password)
           select uuidv7(), o.id, 'twin', 'Twin@example.com', 'x' from core.organizations o where o.tenant_code in ('testcorp', 'acme')
           returning id, organization_id)
         insert into core.user_tenant_associations (organization_id, user_id) select organization_id, id from made`,
      );
      expect((await forgot({ email: 'twin@EXAMPLE.com' })).status).toBe(202);
      const both = await mailsTo(app.app, 'Twin@example.com', 2);
      const ids = [await tenantOf(app.database, 'acme'), await tenantOf(app.database, 'testcorp')].map(({ id }) => id);
      expect(both.map(({ organizationId }) => organizationId).sort()).toEqual(ids.sort());
      expect((await forgot({ email: 'twin@example.com', tenant_code: 'acme' })).status).toBe(202);
      await settle();
      expect(await mailsTo(app.app, 'Twin@example.com')).toHaveLength(3);
    });

    it('refuses what is no address, and anything else in the body', async () => {
      for (const body of [
        {},
        { email: 'nobody' },
        { email: ['a@b.cd'] },
        { email: 'a@b.cd', reset_url: 'https://x.y' },
      ])
        expect(await forgot(body)).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    });
  });

  describe('a reset', () => {
    const email = 'manager@globex.com';
    beforeEach(async () => {
      await sql(
        `update core.users u set hashed_password = o.hashed_password from core.users o
         where u.email = $1 and o.email = 'admin@testcorp.com'`,
        [email],
      );
    });

    it('sets the password, ends every session, and leaves one entry for each row, without a secret', async () => {
      const neighbour = await tenantOf(app.database, 'acme');
      const before = await rowsOf(app.database, neighbour.id);
      const [one, two] = [await app.signIn(email), await app.signIn(email)];
      expect((await one.get('/auth/me')).status).toBe(200);
      const token = await resetToken(email);
      const [stored] = await sql<{ token_hash: string; lifetime: number }>(
        `select token_hash, round(extract(epoch from expires_at - created_at))::int as lifetime from core.one_time_tokens where email = $1`,
        [email],
      );
      expect(stored?.lifetime).toBe(3600);
      expect(stored?.token_hash).toMatch(/^[0-9a-f]{64}$/);
      const requestId = 'reset-of-a-password';
      const answer = await app.anonymous.post(
        '/auth/password/reset',
        { token, password: NEW },
        { 'x-request-id': requestId },
      );
      expect([answer.status, answer.text]).toEqual([204, '']);
      expect([await untilRefused(one), await untilRefused(two)]).toEqual([401, 401]);
      expect((await login(email, PASSWORD)).status).toBe(401);
      expect((await login(email, NEW)).status).toBe(200);
      const entries = await sql<{ what: string; actor: string }>(
        `select a.action || ' ' || a.resource as what, u.email as actor from core.audit_log a left join core.users u on u.id = a.actor_id
         where a.request_id = $1 order by 1`,
        [requestId],
      );
      expect(entries).toEqual([
        { what: 'logout_all users', actor: email },
        { what: 'update one_time_tokens', actor: email },
        { what: 'update users', actor: email },
      ]);
      const told = JSON.stringify(await sql(`select * from core.audit_log`));
      expect(told).toContain('"hashed_password":"***"');
      for (const secret of [token, stored?.token_hash, NEW, await hashOf(email)]) expect(told).not.toContain(secret);
      expect(changedRows(before, await rowsOf(app.database, neighbour.id))).toEqual([]);
    });

    it('takes a token once, also when ten come at the same instant', async () => {
      const token = await resetToken(email);
      const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => reset(token, `${NEW}_${String(n)}`)));
      const won = answers.flatMap(({ status }, n) => (status === 204 ? [n] : []));
      expect(won).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 204)) expect(answer).toMatchObject(invalidToken);
      expect((await login(email, `${NEW}_${String(won[0])}`)).status).toBe(200);
      expect(await reset(token)).toMatchObject(invalidToken);
    }, 60_000);

    it('takes the newest token alone', async () => {
      const [first, second] = [await resetToken(email), await resetToken(email)];
      expect(await reset(first)).toMatchObject(invalidToken);
      expect((await reset(second)).status).toBe(204);
    });

    it('leaves one living token, also when many are asked for at once', async () => {
      const before = (await mailsTo(app.app, email)).length;
      await Promise.all(Array.from({ length: 5 }, () => forgot({ email })));
      await mailsTo(app.app, email, before + 5);
      const living = await sql(
        `select from core.one_time_tokens where email = $1 and used_at is null and revoked_at is null`,
        [email],
      );
      expect(living).toHaveLength(1);
    });

    it.each<[string, string, string]>([
      [
        'is too old',
        `update core.one_time_tokens set expires_at = now() - interval '1 second' where email = $1 and used_at is null`,
        `select 1 where $1::text is not null`,
      ],
      [
        'is of a user who was suspended meanwhile',
        `update core.users set status = 'suspended' where email = $1`,
        `update core.users set status = 'active' where email = $1`,
      ],
      [
        'is of a user who has another address by now',
        `update core.users set email = 'moved-' || email where email = $1`,
        `update core.users set email = $1 where email = 'moved-' || $1::text`,
      ],
      [
        'is of a tenant that was suspended meanwhile',
        `update core.organizations set status = 'suspended' where id = (select organization_id from core.users where email = $1)`,
        `update core.organizations set status = 'active' where id = (select organization_id from core.users where email = $1)`,
      ],
      [
        'is for another purpose',
        `update core.one_time_tokens set purpose = 'email' where email = $1 and used_at is null and revoked_at is null`,
        `select 1 where $1::text is not null`,
      ],
    ])('refuses a token that %s, and changes nothing', async (_, take, give) => {
      const token = await resetToken(email);
      const hash = await hashOf(email);
      await sql(take, [email]);
      expect(await reset(token)).toMatchObject(invalidToken);
      await sql(give, [email]);
      expect(await hashOf(email)).toBe(hash);
      const unused = `select from core.one_time_tokens where email = $1 and used_at is null and revoked_at is null`;
      expect(await sql(unused, [email])).toHaveLength(1);
      await sql(`delete from core.one_time_tokens where email = $1`, [email]);
    });

    it('refuses a password that nobody should have, and keeps the token good', async () => {
      const token = await resetToken(email);
      for (const password of ['short', 'password123', 'x'.repeat(73)])
        expect(await reset(token, password)).toMatchObject({ status: 422, body: { errors: [{ path: 'password' }] } });
      expect((await reset(token)).status).toBe(204);
    });

    it('refuses rubbish', async () => {
      expect(await reset('a'.repeat(43))).toMatchObject(invalidToken);
      expect((await app.anonymous.post('/auth/password/reset', { token: { $ne: '' }, password: NEW })).status).toBe(
        422,
      );
    });
  });

  describe('a change', () => {
    const email = 'executive@globex.com';
    const change = (client: Client, current_password: string, new_password: string) =>
      client.post('/auth/password/change', { current_password, new_password });

    it('ends the other sessions and keeps this one', async () => {
      const [here, elsewhere] = [await app.signIn(email), await app.signIn(email)];
      const token = await resetToken(email);
      const [{ version } = { version: 0 }] = await sql<{ version: number }>(
        `select version from core.users where email = $1`,
        [email],
      );
      const answer = await change(here, PASSWORD, NEW);
      expect([answer.status, answer.text]).toEqual([204, '']);
      expect(await untilRefused(elsewhere)).toBe(401);
      expect((await here.get('/auth/me')).body).toMatchObject({ user: { version: version + 1 } });
      expect((await login(email, PASSWORD)).status).toBe(401);
      expect((await login(email, NEW)).status).toBe(200);
      // a reset that is under way would undo it
      expect(await reset(token)).toMatchObject(invalidToken);
    });

    it('is not slept through: a sign-in that began with the old password, or a session that it ended, opens nothing', async () => {
      const person = 'viewer@globex.com';
      const client = await app.signIn(person);
      const token = await resetToken(person);
      // whoever comes now has read the old state, and waits for this to commit
      const changing = sql(`begin; update core.users set hashed_password = 'x' where email = '${person}';
        update core.sessions set revoked_at = now() where user_id = (select id from core.users where email = '${person}');
        select pg_sleep(2); commit`);
      await sleep(200);
      const answers = await Promise.all([
        login(person, PASSWORD),
        client.post('/auth/switch-tenant', { tenant_code: 'globex' }),
        change(client, PASSWORD, NEW),
      ]);
      await changing;
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 422]);
      const living = `select from core.sessions s join core.users u on u.id = s.user_id where u.email = $1 and s.revoked_at is null`;
      expect(await sql(living, [person])).toEqual([]);
      expect((await reset(token)).status).toBe(204);
    });

    it('wants the current password, and a new one that is allowed', async () => {
      const admin = await app.signIn('admin@acme.com');
      const hash = await hashOf('admin@acme.com');
      expect(await change(admin, 'not my password', NEW)).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'current_password', code: 'invalid' }] },
      });
      expect(await change(admin, PASSWORD, 'password123')).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'new_password', code: 'too_common' }] },
      });
      expect(await hashOf('admin@acme.com')).toBe(hash);
      expect((await app.anonymous.post('/auth/password/change', {})).status).toBe(401);
    });

    it('is made once when two come at the same instant', async () => {
      const admin = await app.signIn('admin@acme.com');
      const answers = await Promise.all([change(admin, PASSWORD, `${NEW}a`), change(admin, PASSWORD, `${NEW}b`)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 422]);
    });
  });
});
