import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { mailsTo, tokenIn } from '../support/mail.js';

describe('the address of a user', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
    await app.database.sql(`update core.users set is_email_verified = false`);
  });
  afterAll(() => app.close());

  const verify = (token: string) => app.anonymous.post('/auth/email/verify', { token });
  const isVerified = async (email: string) =>
    (
      await app.database.sql<{ is_email_verified: boolean }>(
        `select is_email_verified from core.users where email = $1`,
        [email],
      )
    )[0]?.is_email_verified;
  const tokenFor = async (email: string): Promise<string> => {
    const client = await app.signIn(email);
    const before = (await mailsTo(app.app, email)).length;
    const answer = await client.post('/auth/email/resend');
    expect([answer.status, answer.text]).toEqual([202, '']);
    const mails = await mailsTo(app.app, email, before + 1);
    return tokenIn(mails[before] ?? { to: '', subject: '', text: '', organizationId: null });
  };
  const invalidToken = { status: 422, body: { errors: [{ path: 'token', code: 'invalid' }] } };

  it('is verified by the token from the mail, once, and then no more mail is sent', async () => {
    const email = 'admin@globex.com';
    const token = await tokenFor(email);
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 204)) expect(answer).toMatchObject(invalidToken);
    expect(await isVerified(email)).toBe(true);
    const client = await app.signIn(email);
    expect((await client.get('/auth/me')).body).toMatchObject({ user: { is_email_verified: true } });
    expect((await client.post('/auth/email/resend')).status).toBe(202);
    expect(await mailsTo(app.app, email)).toHaveLength(1);
    const entries = await app.database.sql(
      `select a.changes->'after' as after, a.changes->'before' as before from core.audit_log a join core.users u on u.id = a.resource_id
       where a.resource = 'users' and a.action = 'update' and u.email = $1`,
      [email],
    );
    expect(entries).toEqual([
      {
        before: expect.objectContaining({ is_email_verified: false }),
        after: expect.objectContaining({ is_email_verified: true }),
      },
    ]);
  });

  it('is not verified by a token for one that he had before', async () => {
    const token = await tokenFor('editor@globex.com');
    await app.database.sql(`update core.users set email = 'other@globex.com' where email = 'editor@globex.com'`);
    expect(await verify(token)).toMatchObject(invalidToken);
    expect(await isVerified('other@globex.com')).toBe(false);
  });

  it('is not verified by a token for a password, nor the other way round', async () => {
    const email = 'viewer@acme.com';
    const token = await tokenFor(email);
    const answer = await app.anonymous.post('/auth/password/reset', { token, password: 'secure_password_123' });
    expect(answer).toMatchObject(invalidToken);
    expect((await app.anonymous.post('/auth/password/forgot', { email })).status).toBe(202);
    const [, forPassword] = await mailsTo(app.app, email, 2);
    expect(await verify(tokenIn(forPassword ?? { to: '', subject: '', text: '', organizationId: null }))).toMatchObject(
      invalidToken,
    );
    expect(await isVerified(email)).toBe(false);
    expect((await verify(token)).status).toBe(204);
  });

  it('is a platform user’s as well', async () => {
    const token = await tokenFor('superadmin@example.com');
    expect((await verify(token)).status).toBe(204);
    expect(await isVerified('superadmin@example.com')).toBe(true);
  });

  it('is nobody’s without signing in', async () => {
    expect((await app.anonymous.post('/auth/email/resend')).status).toBe(401);
    expect(await verify('a'.repeat(43))).toMatchObject(invalidToken);
  });
});
