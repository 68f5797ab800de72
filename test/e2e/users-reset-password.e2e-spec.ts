import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailsTo, settled, tokenIn } from '../support/mail.js';
import { UsersWorld } from './users-world.js';

const NEW = 'another_password_456';

let world: UsersWorld;
beforeAll(async () => {
  world = await UsersWorld.start();
});
afterAll(() => world.app.close());

/** How many mails of this kind the address has had. */
const mailed = async (email: string) => {
  await settled(world.app.app);
  return (await mailsTo(world.app.app, email)).filter(({ subject }) => subject.startsWith('New password')).length;
};

describe('POST /users/{user_id}/reset-password', () => {
  it('mails a token to the member alone, which sets his password once', async () => {
    const user = await world.user();
    const session = await world.signIn(user);
    const asked = await world.clients.admin.post(`/users/${user.id}/reset-password`);
    expect([asked.status, asked.text]).toEqual([202, '']);
    const [mail] = await mailsTo(world.app.app, user.email, 1);
    if (mail === undefined) throw new Error('no mail');
    expect((await session.get('/auth/me')).status).toBe(200);
    const reset = () => world.app.anonymous.post('/auth/password/reset', { token: tokenIn(mail), password: NEW });
    expect((await reset()).status).toBe(204);
    expect((await reset()).status).toBe(422);
    expect((await session.get('/auth/me')).status).toBe(401);
    expect((await (await world.app.anonymous.signIn(user.email, NEW)).get('/auth/me')).status).toBe(200);
  });

  it('mails once for one idempotency key', async () => {
    const user = await world.user();
    const post = () =>
      world.clients.admin.post(`/users/${user.id}/reset-password`, undefined, { 'idempotency-key': user.username });
    expect([(await post()).status, (await post()).headers.get('idempotency-replayed')]).toEqual([202, 'true']);
    expect(await mailed(user.email)).toBe(1);
  });

  it('is refused for whom the caller may not manage, and mails nothing', async () => {
    const { admin, editor, manager, stranger, root } = world.clients;
    const user = await world.user();
    const guest = await world.guest('viewer');
    const suspended = await world.user();
    await admin.post(`/users/${suspended.id}/suspend`);
    const refusals = [
      [editor, user, 403, 'permission_denied'],
      [manager, user, 403, 'permission_denied'],
      [stranger, user, 404, 'not_found'],
      [admin, guest, 403, 'permission_denied'],
      [admin, suspended, 409, 'conflict'],
    ] as const;
    for (const [by, { id }, status, code] of refusals)
      world.refused(await by.post(`/users/${id}/reset-password`), status, code);
    world.refused(await root.post(`/users/${world.ids.root}/reset-password`), 404, 'not_found');
    for (const { email } of [user, guest, suspended]) expect(await mailed(email)).toBe(0);
  });

  it('is refused for whoever stands as high, but to the platform', async () => {
    const { admin, root } = world.clients;
    const colleague = await world.user();
    await world.hold(colleague.id, 'admin');
    const post = (by: typeof admin) => by.post(`/users/${colleague.id}/reset-password`);
    world.refused(await post(admin), 403, 'priority_too_low');
    expect(await mailed(colleague.email)).toBe(0);
    expect((await post(root)).status).toBe(202);
    expect(await mailed(colleague.email)).toBe(1);
  });
});
