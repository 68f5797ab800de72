import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailsTo } from '../support/mail.js';
import { INVALID_TOKEN, InvitationsWorld, NEW_PASSWORD } from './invitations-world.js';

describe('accepting an invitation', () => {
  let world: InvitationsWorld;
  beforeAll(async () => {
    world = await InvitationsWorld.start();
  });
  afterAll(() => world.app.close());

  const unused = (email: string) =>
    world.sql(`select id from core.one_time_tokens where email = $1 and used_at is null`, [email]);

  describe('of an address that nobody has', () => {
    it('makes the user that was invited and signs him in', async () => {
      const { id, email } = await world.invite({ role_codes: ['executive'], reports_to_id: world.ids.manager });
      const session = await world.accepted(await world.token(email), {
        password: NEW_PASSWORD,
        full_name: 'Ada Lovelace',
      });
      expect(session.user).toMatchObject({
        email,
        username: email,
        full_name: 'Ada Lovelace',
        tenant_id: world.home.id,
        status: 'active',
        is_email_verified: true,
        role_codes: ['executive'],
      });
      expect(await world.memberships(session.user.id)).toEqual([
        { organization_id: world.home.id, is_guest: false, reports_to_id: world.ids.manager },
      ]);
      expect(await world.bearing(session).get('/auth/me')).toMatchObject({ status: 200 });
      expect(await world.app.anonymous.post('/auth/login', { email, password: NEW_PASSWORD })).toMatchObject({
        status: 200,
      });
      expect(await world.invitation(id)).toMatchObject({ status: 'accepted', used_at: expect.any(String) });
      expect((await world.clients.admin.get(`/users/${session.user.id}`)).body).toMatchObject({ is_guest: false });
    });

    it('leaves one audit entry for each row, in his own name, and no hash', async () => {
      const { id, email } = await world.invite();
      const { user } = await world.accepted(await world.token(email));
      const entries = await world.sql<{ what: string; changes: object }>(
        `select action || ' ' || resource as what, changes from core.audit_log
         where actor_id = $1 and organization_id = $2 order by resource, action`,
        [user.id, world.home.id],
      );
      expect(entries.map(({ what }) => what)).toEqual([
        'update one_time_tokens',
        'login sessions',
        'create user_group_members',
        'create user_roles',
        'create user_tenant_associations',
        'create users',
      ]);
      expect(JSON.stringify(entries)).not.toMatch(/\$2[aby]\$/);
      expect((await world.audit(id)).at(-1)).toMatchObject({ actor_id: user.id });
    });

    it('needs a password that is allowed, and leaves the token good for another try', async () => {
      const { email } = await world.invite();
      const token = await world.token(email);
      for (const [body, code] of [
        [{}, 'required'],
        [{ password: null }, 'required'],
        [{ password: 'short' }, 'too_short'],
        [{ password: 'password' }, 'too_common'],
      ] as const)
        expect(await world.accept({ token, ...body })).toMatchObject({
          status: 422,
          body: { errors: [{ path: 'password', code }] },
        });
      expect(await world.accept({ token, password: NEW_PASSWORD, full_name: ' ' })).toMatchObject({ status: 422 });
      expect(await world.accept({ token, password: NEW_PASSWORD, role_codes: ['admin'] })).toMatchObject({
        status: 422,
      });
      expect(await world.users(email)).toEqual([]);
      await world.accepted(token);
    });

    it('happens once, whoever else tries at the same time', async () => {
      const { email } = await world.invite();
      const token = await world.token(email);
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => world.accept({ token, password: NEW_PASSWORD })),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 200)) expect(answer).toMatchObject(INVALID_TOKEN);
      const users = await world.users(email);
      expect(users).toHaveLength(1);
      expect(await world.sql(`select id from core.user_roles where user_id = $1`, [users[0]?.['id']])).toHaveLength(1);
      expect(await world.sql(`select id from core.sessions where user_id = $1`, [users[0]?.['id']])).toHaveLength(1);
    }, 240_000);

    it('leaves out roles and a superior that have gone since', async () => {
      await world.sql(
        `insert into core.roles (id, organization_id, role_code, role_name, priority, record_scope)
         values (uuidv7(), $1, 'passing', 'Passing', 5, 'own')`,
        [world.home.id],
      );
      const superior = await world.waiting();
      const { email } = await world.invite({ role_codes: ['viewer', 'passing'], reports_to_id: superior.id });
      await world.sql(`update core.roles set deleted_at = now() where role_code = 'passing'`);
      expect((await world.clients.admin.delete(`/users/${superior.id}`)).status).toBe(204);
      const { user } = await world.accepted(await world.token(email));
      expect(user.role_codes).toEqual(['viewer']);
      expect(await world.memberships(user.id)).toMatchObject([{ reports_to_id: null }]);
    });

    it('gives no super_admin, whatever is stored', async () => {
      const { id, email } = await world.invite();
      await world.sql(`update core.one_time_tokens set role_codes = '["super_admin", "viewer"]' where id = $1`, [id]);
      expect((await world.accepted(await world.token(email))).user).toMatchObject({
        role_codes: ['viewer'],
        is_superuser: false,
      });
    });

    it('is a conflict when the address has become a member since, and changes nothing', async () => {
      const { email } = await world.invite();
      const made = { username: 'quicker', email, password: 'another_password_1' };
      expect((await world.clients.admin.post('/users', made)).status).toBe(201);
      expect(await world.accept({ token: await world.token(email), password: NEW_PASSWORD })).toMatchObject({
        status: 409,
        body: { code: 'conflict', errors: [{ path: 'email' }] },
      });
      expect(await world.users(email)).toMatchObject([{ username: 'quicker' }]);
      expect(await unused(email)).toHaveLength(1);
    });
  });

  describe('of a user without a password', () => {
    it('sets it, activates him, verifies his address and signs him in', async () => {
      const { id, email } = await world.waiting({ full_name: 'Before' });
      const token = await world.token(email);
      expect(await world.accept({ token })).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'password', code: 'required' }] },
      });
      expect(await world.users(email)).toMatchObject([{ status: 'inactive', hashed_password: null }]);
      const { user } = await world.accepted(token, { password: NEW_PASSWORD, full_name: 'After' });
      expect(user).toMatchObject({
        id,
        full_name: 'After',
        status: 'active',
        is_email_verified: true,
        role_codes: ['viewer'],
      });
      expect(await world.app.anonymous.post('/auth/login', { email, password: NEW_PASSWORD })).toMatchObject({
        status: 200,
      });
      expect(await world.accept({ token, password: NEW_PASSWORD })).toMatchObject(INVALID_TOKEN);
    });

    it('happens once, whoever else tries at the same time', async () => {
      const { email } = await world.waiting();
      const token = await world.token(email);
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) => world.accept({ token, password: `secure_password_${String(n)}` })),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const n = answers.findIndex(({ status }) => status === 200);
      const password = `secure_password_${String(n)}`;
      expect(await world.app.anonymous.post('/auth/login', { email, password })).toMatchObject({ status: 200 });
    }, 240_000);

    it('lists his invitation, with what he has and who made him; he is mailed once', async () => {
      const { id, email } = await world.waiting({ reports_to_id: world.ids.manager });
      await world.token(email);
      expect((await world.clients.admin.get(`/invitations?user_id=${id}`)).body).toMatchObject({
        items: [
          {
            email,
            role_codes: ['viewer'],
            reports_to_id: world.ids.manager,
            invited_by: world.ids.admin,
            status: 'pending',
          },
        ],
      });
      expect(await mailsTo(world.app.app, email)).toHaveLength(1);
      const withPassword = world.address();
      const made = { username: withPassword, email: withPassword, password: NEW_PASSWORD };
      expect((await world.clients.admin.post('/users', made)).status).toBe(201);
      await world.token((await world.waiting()).email);
      expect(await mailsTo(world.app.app, withPassword)).toEqual([]);
    });

    it('goes to the address that he has by now', async () => {
      const { id, email } = await world.waiting();
      const old = await world.token(email);
      const moved = world.address();
      expect((await world.clients.admin.patch(`/users/${id}`, { email: moved })).status).toBe(200);
      expect(await world.accept({ token: old, password: NEW_PASSWORD })).toMatchObject(INVALID_TOKEN);
      const { body } = await world.clients.admin.get(`/invitations?user_id=${id}`);
      const [{ id: invitation }] = (body as { items: [{ id: string }] }).items;
      expect(await world.clients.admin.post(`/invitations/${invitation}/resend`)).toMatchObject({
        status: 200,
        body: { email: moved },
      });
      await world.accepted(await world.token(moved));
    });

    it('can be sent anew when it was lost, by inviting his address with the roles that he has', async () => {
      const { id, email } = await world.waiting();
      await world.token(email);
      await world.sql(`delete from core.one_time_tokens where user_id = $1`, [id]);
      expect(await world.post({ email, role_codes: ['admin'] })).toMatchObject({ status: 409 });
      expect(await world.post({ email, role_codes: ['viewer'] })).toMatchObject({ status: 201, body: { user_id: id } });
      expect((await world.accepted(await world.token(email, 2))).user.id).toBe(id);
      expect(await world.post({ email, role_codes: ['viewer'] })).toMatchObject({ status: 409 });
    });

    it('wakes nobody who is suspended, deleted, or has a password', async () => {
      for (const [change, body] of [
        ['suspend', undefined],
        ['delete', undefined],
        ['password', undefined],
      ] as const) {
        const { id, email } = await world.waiting();
        const token = await world.token(email);
        if (change === 'suspend') await world.clients.admin.post(`/users/${id}/suspend`, body);
        else if (change === 'delete') await world.clients.admin.delete(`/users/${id}`);
        else await world.sql(`update core.users set hashed_password = 'x', status = 'active' where id = $1`, [id]);
        const before = await world.users(email);
        expect(await world.accept({ token, password: NEW_PASSWORD })).toMatchObject(INVALID_TOKEN);
        expect(await world.users(email)).toEqual(before);
      }
    });
  });

  describe('a token', () => {
    it('is good for nothing when unknown, expired, or of another purpose', async () => {
      const { id, email } = await world.invite();
      const token = await world.token(email);
      for (const change of [`purpose = 'password'`, `purpose = 'invitation', expires_at = now()`]) {
        await world.sql(`update core.one_time_tokens set ${change} where id = $1`, [id]);
        expect(await world.accept({ token, password: NEW_PASSWORD })).toMatchObject(INVALID_TOKEN);
      }
      expect(await world.accept({ token: 'x'.repeat(43), password: NEW_PASSWORD })).toMatchObject(INVALID_TOKEN);
      expect(await world.accept({ password: NEW_PASSWORD })).toMatchObject({ status: 422 });
      expect(await world.users(email)).toEqual([]);
    });

    it('leads into no tenant that is suspended or deleted', async () => {
      const { email } = await world.invite();
      const token = await world.token(email);
      for (const [shut, open] of [
        [`status = 'suspended'`, `status = 'active'`],
        [`deleted_at = now()`, `deleted_at = null`],
      ]) {
        await world.sql(`update core.organizations set ${String(shut)} where id = $1`, [world.home.id]);
        expect(await world.accept({ token, password: NEW_PASSWORD })).toMatchObject(INVALID_TOKEN);
        await world.sql(`update core.organizations set ${String(open)} where id = $1`, [world.home.id]);
      }
      await world.accepted(token);
    });
  });
});
