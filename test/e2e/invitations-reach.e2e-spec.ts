import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailsTo } from '../support/mail.js';
import { type InvitationAnswer, InvitationsWorld } from './invitations-world.js';

interface Page {
  items: InvitationAnswer[];
}

describe('who reaches which invitations', () => {
  let world: InvitationsWorld;
  beforeAll(async () => {
    world = await InvitationsWorld.start();
  });
  afterAll(() => world.app.close());

  describe('a manager', () => {
    it('invites executives alone, under himself or his reports', async () => {
      const { manager, admin } = world.clients;
      expect(await world.post({ email: world.address(), role_codes: ['viewer'] }, manager)).toMatchObject({
        status: 403,
        body: { code: 'permission_denied' },
      });
      const executive = { email: world.address(), role_codes: ['executive'] };
      expect(await world.post({ ...executive, reports_to_id: world.ids.viewer }, manager)).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'reports_to_id', code: 'not_found' }] },
      });
      expect(await world.post(executive, manager)).toMatchObject({
        status: 201,
        body: { reports_to_id: world.ids.manager },
      });
      const below = await world.post(
        { ...executive, email: world.address(), reports_to_id: world.ids.executive },
        manager,
      );
      expect(below).toMatchObject({ status: 201, body: { reports_to_id: world.ids.executive } });
      expect(await world.list(`email=${executive.email}`, admin)).toHaveLength(1);
    });

    it('reaches the invitations of those who will be under him, and no other', async () => {
      const his = await world.invite({ role_codes: ['executive'] }, world.clients.manager);
      const other = await world.invite();
      const ids = (await world.list('', world.clients.manager)).map(({ id }) => id);
      expect(ids).toContain(his.id);
      expect(ids).not.toContain(other.id);
      expect((await world.clients.manager.post(`/invitations/${other.id}/resend`)).status).toBe(404);
      expect((await world.clients.manager.delete(`/invitations/${other.id}`)).status).toBe(404);
      expect((await world.clients.manager.post(`/invitations/${his.id}/resend`)).status).toBe(200);
      expect((await world.clients.manager.delete(`/invitations/${his.id}`)).status).toBe(204);
    });
  });

  describe('the list', () => {
    it('shows the living and the past, each with its state, and tells them apart by it', async () => {
      const [pending, revoked, expired, accepted] = [
        await world.invite(),
        await world.invite(),
        await world.invite(),
        await world.invite(),
      ];
      await world.clients.admin.delete(`/invitations/${revoked.id}`);
      await world.sql(`update core.one_time_tokens set expires_at = now() - interval '1 second' where id = $1`, [
        expired.id,
      ]);
      await world.accepted(await world.token(accepted.email));
      const ids = [pending.id, accepted.id, revoked.id, expired.id].join();
      const of = async (status: string) => (await world.list(`id=${ids}&status=${status}`)).map(({ id }) => id);
      expect(await of('pending')).toEqual([pending.id]);
      expect(await of('accepted')).toEqual([accepted.id]);
      expect(await of('revoked')).toEqual([revoked.id]);
      expect(await of('expired')).toEqual([expired.id]);
      expect(await world.list(`id=${ids}&sort=email`)).toHaveLength(4);
      expect(await world.list(`email=${pending.email.toUpperCase()}`)).toMatchObject([{ id: pending.id }]);
    });

    it('pages by skip and cursor and counts', async () => {
      const first = await world.clients.admin.get('/invitations?limit=2&with_total=true&sort=-created_at');
      const total = (await world.list()).length;
      expect(first.body).toMatchObject({ total, items: [{}, {}] });
      const { next_cursor: cursor } = first.body as { next_cursor: string };
      const second = await world.clients.admin.get(`/invitations?limit=2&sort=-created_at&cursor=${cursor}`);
      const skipped = await world.clients.admin.get('/invitations?limit=2&skip=2');
      expect((second.body as Page).items).toEqual((skipped.body as Page).items);
      expect((await world.clients.admin.get('/invitations?nosuch=1')).status).toBe(422);
    });

    it('shows neither tokens of other purposes nor the invitations of other tenants', async () => {
      const { id } = await world.invite();
      await world.clients.admin.post('/auth/password/forgot', { email: 'viewer@testcorp.com' });
      await mailsTo(world.app.app, 'viewer@testcorp.com', 1);
      const items = await world.list();
      expect(new Set(items.map(({ purpose, tenant_id }) => [purpose, tenant_id].join()))).toEqual(
        new Set([`invitation,${world.home.id}`]),
      );
      expect(Object.keys(items[0] ?? {})).not.toContain('token_hash');
      expect((await world.list('', world.clients.stranger)).map((each) => each.id)).not.toContain(id);
      expect((await world.list('', world.clients.root)).map((each) => each.id)).toContain(id);
      expect((await world.clients.executive.get('/invitations')).status).toBe(403);
    });
  });
});
