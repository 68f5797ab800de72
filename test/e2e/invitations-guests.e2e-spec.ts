import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { INVALID_TOKEN, InvitationsWorld, NEW_PASSWORD } from './invitations-world.js';

describe('accepting an invitation', () => {
  let world: InvitationsWorld;
  beforeAll(async () => {
    world = await InvitationsWorld.start();
  });
  afterAll(() => world.app.close());

  const idOf = async (client: Client) => ((await client.get('/auth/me')).body as { user: { id: string } }).user.id;

  describe('with an account of another tenant', () => {
    it('makes a guest of whoever is signed in with the same address, and switch-tenant leads there', async () => {
      const guest = await world.app.signIn('viewer@globex.com');
      const id = await idOf(guest);
      const invitation = await world.invite({ email: 'Viewer@Globex.com', reports_to_id: world.ids.manager });
      const token = await world.token('Viewer@Globex.com');
      for (const body of [{ password: NEW_PASSWORD }, { full_name: 'Other' }])
        expect(await world.accept({ token, ...body }, guest)).toMatchObject({
          status: 422,
          body: { errors: [{ path: Object.keys(body)[0] }] },
        });
      const session = await world.accepted(token, {}, guest);
      expect(session.user).toMatchObject({ id, role_codes: ['viewer'] });
      expect(await world.users('viewer@globex.com')).toHaveLength(1);
      expect(await world.memberships(id)).toContainEqual({
        organization_id: world.home.id,
        is_guest: true,
        reports_to_id: world.ids.manager,
      });
      expect(await world.bearing(session).get('/users?limit=1')).toMatchObject({ status: 200 });
      expect(await guest.post('/auth/switch-tenant', { tenant_code: 'testcorp' })).toMatchObject({ status: 200 });
      expect(await guest.get('/auth/me')).toMatchObject({ status: 200 });
      expect(await world.invitation(invitation.id)).toMatchObject({ status: 'accepted' });
      expect((await world.clients.admin.get(`/users/${id}`)).body).toMatchObject({ is_guest: true });
    });

    it('happens once, whoever else tries at the same time', async () => {
      const guest = await world.app.signIn('editor@globex.com');
      await world.invite({ email: 'editor@globex.com' });
      const token = await world.token('editor@globex.com');
      const answers = await Promise.all(Array.from({ length: 50 }, () => world.accept({ token }, guest)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 200)) expect(answer).toMatchObject(INVALID_TOKEN);
    }, 240_000);

    it('is a conflict when the address has become a member since, and nothing for a session of a tenant that is shut', async () => {
      const email = 'admin@initech.com';
      const [admin, shut] = [
        await world.app.signIn(email),
        `update core.organizations set status = $1 where tenant_code = 'initech'`,
      ];
      await world.invite({ email });
      const token = await world.token(email);
      await world.sql(shut, ['suspended']);
      expect(await world.accept({ token }, admin)).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'password' }] },
      });
      await world.sql(shut, ['active']);
      const made = { username: 'namesake', email, password: NEW_PASSWORD };
      expect((await world.clients.admin.post('/users', made)).status).toBe(201);
      expect(await world.accept({ token }, admin)).toMatchObject({
        status: 409,
        body: { errors: [{ path: 'email' }] },
      });
      expect(await world.memberships(await idOf(admin))).toHaveLength(1);
    });

    it('asks for a password and makes an account of its own for anybody else', async () => {
      const manager = await world.app.signIn('manager@globex.com');
      const ended = await world.app.signIn('manager@globex.com');
      await ended.post('/auth/logout');
      const root = await world.app.signIn('superadmin@example.com');
      await world.invite({ email: 'manager@globex.com' });
      await world.invite({ email: 'superadmin@example.com' });
      const [token, forRoot] = [await world.token('manager@globex.com'), await world.token('superadmin@example.com')];
      const required = { status: 422, body: { errors: [{ path: 'password', code: 'required' }] } };
      for (const by of [
        world.app.anonymous,
        ended,
        world.clients.stranger,
        manager.with({ authorization: 'Bearer nonsense' }),
      ])
        expect(await world.accept({ token }, by)).toMatchObject(required);
      expect(await world.accept({ token: forRoot }, root)).toMatchObject(required);
      const { user } = await world.accepted(token, { password: NEW_PASSWORD }, world.clients.stranger);
      expect(user).toMatchObject({ tenant_id: world.home.id });
      expect(await world.users('manager@globex.com')).toHaveLength(2);
    });
  });
});
