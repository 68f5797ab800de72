import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailsTo } from '../support/mail.js';
import { INVALID_TOKEN, InvitationsWorld, NEW_PASSWORD } from './invitations-world.js';

describe('invitations', () => {
  let world: InvitationsWorld;
  beforeAll(async () => {
    world = await InvitationsWorld.start();
  });
  afterAll(() => world.app.close());

  describe('inviting', () => {
    it('makes no user, and mails the token with who invites to what', async () => {
      const email = world.address();
      const answer = await world.post({ email, role_codes: ['VIEWER', 'viewer', 'user'] });
      expect(answer).toMatchObject({
        status: 201,
        body: {
          tenant_id: world.home.id,
          email,
          role_codes: ['viewer', 'user'],
          user_id: null,
          reports_to_id: null,
          invited_by: world.ids.admin,
          status: 'pending',
          used_at: null,
          revoked_at: null,
          version: 1,
        },
      });
      const { id, expires_at, created_at } = answer.body as Record<string, string>;
      expect(answer.headers.get('location')).toBe(`/api/v1/invitations/${String(id)}`);
      const days = (Date.parse(String(expires_at)) - Date.parse(String(created_at))) / 86_400_000;
      expect(days).toBeCloseTo(7, 3);
      expect(await world.users(email)).toEqual([]);
      const [mail, ...more] = await mailsTo(world.app.app, email);
      expect(more).toEqual([]);
      expect(mail).toMatchObject({ organizationId: world.home.id, subject: expect.stringContaining('Test Corp') });
      const { body: me } = await world.clients.admin.get('/auth/me');
      expect(mail?.text).toContain((me as { user: { full_name: string } }).user.full_name);
      expect(answer.text).not.toContain(await world.token(email));
    });

    it('leaves one audit entry, which does not say the hash', async () => {
      const { id } = await world.invite();
      const entries = await world.audit(id);
      expect(entries).toMatchObject([
        { action: 'create', actor_id: world.ids.admin, changes: { after: { token_hash: '***' } } },
      ]);
    });

    it('revokes the pending one of the same address, in whatever case', async () => {
      const { id, email } = await world.invite();
      const again = await world.invite({ email: email.toUpperCase(), role_codes: ['user'] });
      expect(await world.invitation(id)).toMatchObject({ status: 'revoked', revoked_at: expect.any(String) });
      expect(await world.invitation(again.id)).toMatchObject({ status: 'pending' });
      expect(await world.accept({ token: await world.token(email), password: NEW_PASSWORD })).toMatchObject(
        INVALID_TOKEN,
      );
    });

    it('leaves one pending when many invite the same address at once', async () => {
      const email = world.address();
      const answers = await Promise.all(Array.from({ length: 10 }, () => world.post({ email })));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
      const statuses = (await world.list(`email=${email}`)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 'pending')).toHaveLength(1);
      expect(statuses).toHaveLength(10);
    });

    it('refuses the address of a member, at home or a guest, and anybody deleted does not count', async () => {
      const taken = { status: 409, body: { code: 'conflict', errors: [{ path: 'email' }] } };
      expect(await world.post({ email: 'Editor@TestCorp.com' })).toMatchObject(taken);
      await world.sql(
        `insert into core.user_tenant_associations (organization_id, user_id)
         select $1, id from core.users where email = 'editor@globex.com'`,
        [world.home.id],
      );
      expect(await world.post({ email: 'editor@globex.com' })).toMatchObject(taken);
      const gone = await world.waiting();
      expect((await world.clients.admin.delete(`/users/${gone.id}`)).status).toBe(204);
      expect(await world.post({ email: gone.email })).toMatchObject({ status: 201 });
    });

    it('refuses roles that there are not, and super_admin is none', async () => {
      const email = world.address();
      expect(await world.post({ email, role_codes: ['user', 'nosuch', 'super_admin'] })).toMatchObject({
        status: 422,
        body: {
          errors: [
            { path: 'role_codes.1', code: 'not_found' },
            { path: 'role_codes.2', code: 'not_found' },
          ],
        },
      });
      expect(await world.post({ email, role_codes: ['super_admin'] }, world.clients.root)).toMatchObject({
        status: 422,
      });
      for (const body of [{ role_codes: null }, { role_codes: 'user' }, { email: 'nobody' }, { token_hash: 'x' }])
        expect(await world.post({ email, ...body })).toMatchObject({
          status: 422,
          body: { code: 'validation_failed' },
        });
      expect(await world.post({ email: `${'a'.repeat(60)}@${'b'.repeat(40)}.example` })).toMatchObject({ status: 422 });
      expect(await world.list(`email=${email}`)).toEqual([]);
    });

    it('needs a superior for an executive: a member whom one sees', async () => {
      const email = world.address();
      const executive = { email, role_codes: ['executive'] };
      expect(await world.post(executive)).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'reports_to_id', code: 'required' }] },
      });
      for (const reports_to_id of [world.ids.stranger, world.ids.root, '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11'])
        expect(await world.post({ ...executive, reports_to_id })).toMatchObject({
          status: 422,
          body: { errors: [{ path: 'reports_to_id', code: 'not_found' }] },
        });
      const reports_to_id = world.ids.manager;
      expect(await world.post({ ...executive, reports_to_id })).toMatchObject({ status: 201, body: { reports_to_id } });
    });

    it('follows the ladder: an admin invites admins, nobody a role as high as his own', async () => {
      expect(await world.post({ email: world.address(), role_codes: ['admin'] })).toMatchObject({ status: 201 });
      await world.sql(
        `insert into core.roles (id, organization_id, role_code, role_name, priority, record_scope)
         values (uuidv7(), $1, 'level', 'Level', 50, 'all')`,
        [world.home.id],
      );
      const email = world.address();
      expect(await world.post({ email, role_codes: ['level'] })).toMatchObject({
        status: 403,
        body: { code: 'priority_too_low' },
      });
      expect(await mailsTo(world.app.app, email)).toEqual([]);
    });

    it('is answered once for an idempotency key', async () => {
      const body = { email: world.address(), role_codes: ['viewer'] };
      const send = () => world.clients.admin.post('/invitations', body, { 'idempotency-key': 'invite-once' });
      const [first, second] = [await send(), await send()];
      expect(second.body).toEqual(first.body);
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect(await mailsTo(world.app.app, body.email)).toHaveLength(1);
    });

    it('is in the tenant that a platform user names, by the header or in the body', async () => {
      const root = await world.app.signIn('superadmin@example.com');
      const body = { email: world.address(), role_codes: ['viewer'] };
      expect(await root.post('/invitations', body)).toMatchObject({ status: 400, body: { code: 'tenant_required' } });
      expect(await root.post('/invitations', { ...body, tenant_id: world.home.id })).toMatchObject({
        status: 201,
        body: { tenant_id: world.home.id, invited_by: world.ids.root },
      });
      const [mail] = await mailsTo(world.app.app, body.email);
      expect(mail?.text).not.toMatch(/super ?admin/i);
      expect(await world.clients.admin.post('/invitations', { ...body, tenant_id: world.ids.admin })).toMatchObject({
        status: 403,
        body: { code: 'tenant_mismatch' },
      });
    });

    it('is for those who may create users', async () => {
      for (const by of [world.clients.viewer, world.clients.executive])
        expect(await world.post({ email: world.address() }, by)).toMatchObject({ status: 403 });
      expect(await world.post({ email: world.address() }, world.app.anonymous)).toMatchObject({ status: 401 });
    });
  });

  describe('another tenant', () => {
    it('neither resends nor revokes, as if there were none', async () => {
      const { id, email } = await world.invite();
      for (const path of [`/invitations/${id}`, '/invitations/01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11'])
        expect(await world.clients.stranger.delete(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect((await world.clients.stranger.post(`/invitations/${id}/resend`)).status).toBe(404);
      expect(await world.invitation(id)).toMatchObject({ status: 'pending', version: 1 });
      expect(await mailsTo(world.app.app, email)).toHaveLength(1);
    });
  });

  describe('resending', () => {
    it('mails a fresh token for seven more days, and the old one is dead', async () => {
      const { id, email } = await world.invite();
      await world.sql(`update core.one_time_tokens set expires_at = now() - interval '1 day' where id = $1`, [id]);
      const old = await world.token(email);
      const answer = await world.clients.admin.post(`/invitations/${id}/resend`);
      expect(answer).toMatchObject({ status: 200, body: { id, status: 'pending' } });
      expect(Date.parse((answer.body as { expires_at: string }).expires_at)).toBeGreaterThan(
        Date.now() + 6.9 * 86_400_000,
      );
      const fresh = await world.token(email, 2);
      expect(fresh).not.toBe(old);
      expect(await world.accept({ token: old, password: NEW_PASSWORD })).toMatchObject(INVALID_TOKEN);
      await world.accepted(fresh);
      const changes = (await world.audit(id)).map(({ action, changes: { after } }) => [action, after]);
      expect(changes).toMatchObject([
        ['create', {}],
        ['update', { token_hash: '***', expires_at: expect.any(String) }],
        ['update', { used_at: expect.any(String) }],
      ]);
    });

    it('is refused for what was accepted or revoked, and where the address has become a member', async () => {
      const [revoked, accepted, member] = [await world.invite(), await world.invite(), await world.invite()];
      await world.clients.admin.delete(`/invitations/${revoked.id}`);
      await world.accepted(await world.token(accepted.email));
      const made = { username: member.email, email: member.email, password: NEW_PASSWORD };
      expect((await world.clients.admin.post('/users', made)).status).toBe(201);
      for (const { id, email } of [revoked, accepted, member]) {
        expect(await world.clients.admin.post(`/invitations/${id}/resend`)).toMatchObject({
          status: 409,
          body: { code: 'conflict' },
        });
        expect(await mailsTo(world.app.app, email)).toHaveLength(1);
      }
    });
  });

  describe('revoking', () => {
    it('ends the token; a second time it is as it was', async () => {
      const { id, email } = await world.invite();
      expect((await world.clients.admin.delete(`/invitations/${id}`, { 'if-match': '"7"' })).status).toBe(412);
      expect((await world.clients.admin.delete(`/invitations/${id}`)).status).toBe(204);
      const revoked = await world.invitation(id);
      expect((await world.clients.admin.delete(`/invitations/${id}`)).status).toBe(204);
      expect(await world.invitation(id)).toEqual(revoked);
      expect(await world.accept({ token: await world.token(email), password: NEW_PASSWORD })).toMatchObject(
        INVALID_TOKEN,
      );
      expect((await world.audit(id)).map(({ action }) => action)).toEqual(['create', 'update']);
    });

    it('leaves a user who was made before, inactive', async () => {
      const { id, email } = await world.waiting();
      const token = await world.token(email);
      const [invitation] = await world.list(`user_id=${id}`);
      expect((await world.clients.admin.delete(`/invitations/${String(invitation?.id)}`)).status).toBe(204);
      expect(await world.users(email)).toMatchObject([{ status: 'inactive', deleted_at: null }]);
      expect(await world.accept({ token, password: NEW_PASSWORD })).toMatchObject(INVALID_TOKEN);
    });

    it('is refused for one that was accepted', async () => {
      const { id, email } = await world.invite();
      await world.accepted(await world.token(email));
      expect((await world.clients.admin.delete(`/invitations/${id}`)).status).toBe(409);
    });
  });
});
