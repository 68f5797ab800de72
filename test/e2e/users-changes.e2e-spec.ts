import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rowsOf } from '../support/oracles.js';
import { type UserAnswer, UsersWorld } from './users-world.js';

let world: UsersWorld;
beforeAll(async () => {
  world = await UsersWorld.start();
});
afterAll(() => world.app.close());

describe('changing a user', () => {
  it('changes what is sent, raises the version, and leaves one entry for each row', async () => {
    const { admin } = world.clients;
    const user = await world.user({ full_name: 'John Doe', phone: '+1234567890' });
    const path = `/users/${user.id}`;
    const person = await world.audited((headers) => admin.patch(path, { full_name: 'Jane Doe', phone: null }, headers));
    expect(person.answer).toMatchObject({
      status: 200,
      body: { full_name: 'Jane Doe', phone: null, version: 2, updated_by: world.ids.admin },
    });
    expect(person.answer.headers.get('etag')).toBe('"2"');
    expect(person.entries).toEqual([`update core.users ${user.id}`]);
    const line = await world.audited((headers) => admin.patch(path, { reports_to_id: world.ids.manager }, headers));
    expect(line.answer).toMatchObject({ status: 200, body: { reports_to_id: world.ids.manager, version: 3 } });
    expect(line.entries).toEqual([`update core.user_tenant_associations ${user.id}`]);
    const both = await world.audited((headers) =>
      admin.patch(path, { reports_to_id: null, first_name: 'Jane' }, headers),
    );
    expect(both.answer).toMatchObject({ status: 200, body: { reports_to_id: null, first_name: 'Jane', version: 5 } });
    expect(both.entries).toEqual([`update core.user_tenant_associations ${user.id}`, `update core.users ${user.id}`]);
    const nothing = await world.audited((headers) => admin.patch(path, {}, headers));
    expect(nothing).toMatchObject({ answer: { status: 200, body: { version: 5 } }, entries: [] });
    expect((await admin.get(path)).body).toEqual(nothing.answer.body);
  });

  it('holds to If-Match', async () => {
    const { admin } = world.clients;
    const { id } = await world.user();
    const patch = (etag: string, phone: string) => admin.patch(`/users/${id}`, { phone }, { 'if-match': etag });
    expect((await patch('"1"', '+1 111')).status).toBe(200);
    world.refused(await patch('"1"', '+1 222'), 412, 'stale');
    world.refused(
      await admin.patch(`/users/${id}`, { reports_to_id: world.ids.manager }, { 'if-match': '"1"' }),
      412,
      'stale',
    );
    expect((await patch('*', '+1 333')).status).toBe(200);
    world.refused(await admin.delete(`/users/${id}`, { 'if-match': '"1"' }), 412, 'stale');
    world.refused(await admin.delete(`/users/${id}?hard=true`, { 'if-match': '"1"' }), 412, 'stale');
    expect(await world.stored('users', id)).toMatchObject([{ phone: '+1 333', deleted_at: null }]);
  });

  it('lets one of two changes of the same version through', async () => {
    const { id } = await world.user();
    const patch = (phone: string) => world.clients.admin.patch(`/users/${id}`, { phone }, { 'if-match': '"1"' });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => patch(`+1 20${String(n)}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
  });

  it('takes the verification from an address that changes', async () => {
    const { admin } = world.clients;
    const user = await world.user();
    await world.sql('update core.users set is_email_verified = true where id = $1', [user.id]);
    const change = (email: string) => admin.patch(`/users/${user.id}`, { email });
    expect((await change(user.email.toUpperCase())).body).toMatchObject({ is_email_verified: true });
    expect((await change('elsewhere@x.example')).body).toMatchObject({ is_email_verified: false });
  });

  it('refuses what is taken, unknown, or not to be changed so', async () => {
    const { admin } = world.clients;
    const [user, other] = [await world.user(), await world.user()];
    const patch = (body: object) => admin.patch(`/users/${user.id}`, body);
    world.refused(await patch({ username: other.username.toUpperCase() }), 409, 'conflict', 'username');
    world.refused(await patch({ email: other.email }), 409, 'conflict', 'email');
    for (const body of [
      { status: 'suspended' },
      { password: 'secure_password_1' },
      { role_codes: ['admin'] },
      { tenant_id: world.other.id },
      { organization_id: world.other.id },
      { username: null },
      { is_guest: true },
    ])
      world.refused(await patch(body), 422, 'validation_failed', Object.keys(body)[0]);
    for (const id of [world.other.adminId, '0198a8a2-0000-7000-8000-000000000000'])
      world.refused(await patch({ reports_to_id: id }), 422, 'validation_failed', 'reports_to_id', 'not_found');
    world.refused(await patch({ reports_to_id: user.id }), 422, 'validation_failed', 'reports_to_id', 'cycle');
    expect(await world.stored('users', user.id)).toMatchObject([{ username: user.username, version: 1 }]);
  });

  it('keeps lines of superiors without cycles, also of two who are changed at once', async () => {
    const { admin } = world.clients;
    const [a, b] = [await world.user(), await world.user()];
    const under = (low: UserAnswer, high: UserAnswer) => admin.patch(`/users/${low.id}`, { reports_to_id: high.id });
    expect((await under(a, b)).status).toBe(200);
    world.refused(await under(b, a), 422, 'validation_failed', 'reports_to_id', 'cycle');
    await admin.patch(`/users/${a.id}`, { reports_to_id: null });
    const answers = await Promise.all([under(a, b), under(b, a)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('leaves no executive without a superior', async () => {
    const answer = await world.clients.admin.patch(`/users/${world.ids.executive}`, { reports_to_id: null });
    world.refused(answer, 422, 'validation_failed', 'reports_to_id', 'required');
  });

  it('reaches those below alone: not those who stand as high, nor outside of the record scope', async () => {
    const { admin, manager } = world.clients;
    const equal = await world.user({ role_codes: ['admin'] });
    world.refused(await admin.patch(`/users/${equal.id}`, { phone: '+1 234' }), 403, 'priority_too_low');
    expect((await admin.patch(`/users/${world.ids.admin}`, { phone: '+1 234' })).status).toBe(200);
    expect((await manager.patch(`/users/${world.ids.executive}`, { phone: '+1 234' })).status).toBe(200);
    expect((await manager.patch(`/users/${world.ids.viewer}`, { phone: '+1 234' })).status).toBe(404);
    world.refused(
      await manager.patch(`/users/${world.ids.executive}`, { reports_to_id: world.ids.admin }),
      422,
      'validation_failed',
      'reports_to_id',
      'not_found',
    );
    world.refused(
      await world.clients.executive.patch(`/users/${world.ids.executive}`, { phone: '+1 234' }),
      403,
      'permission_denied',
    );
    expect((await world.clients.root.patch(`/users/${equal.id}`, { phone: '+1 234' })).status).toBe(200);
    await world.clients.root.delete(`/users/${equal.id}`);
  });

  it('changes of a guest whom he reports to, and nothing else', async () => {
    const { admin } = world.clients;
    const guest = await world.guest();
    const before = await world.stored('users', guest.id);
    world.refused(await admin.patch(`/users/${guest.id}`, { phone: '+1 234' }), 403, 'permission_denied');
    const { answer, entries } = await world.audited((headers) =>
      admin.patch(`/users/${guest.id}`, { reports_to_id: world.ids.manager }, { ...headers, 'if-match': '"1"' }),
    );
    expect(answer).toMatchObject({ status: 200, body: { reports_to_id: world.ids.manager, version: 2 } });
    expect(entries).toEqual([`update core.user_tenant_associations ${guest.id}`]);
    expect(await world.stored('users', guest.id)).toEqual(before);
  });
});

describe('suspending and activating', () => {
  it('shuts a member out at once and lets him in again; twice is once', async () => {
    const { admin } = world.clients;
    const user = await world.user({ role_codes: ['viewer'] });
    const client = await world.signIn(user);
    const act = (verb: string) =>
      world.audited((headers) => admin.post(`/users/${user.id}/${verb}`, undefined, headers));
    world.refused(
      await admin.post(`/users/${user.id}/suspend`, { reason: 'x' }),
      422,
      'validation_failed',
      'reason',
      'unknown_property',
    );
    const stale = { 'if-match': '"99"' };
    world.refused(await admin.post(`/users/${user.id}/suspend`, undefined, stale), 412, 'stale');
    const suspended = await act('suspend');
    expect(suspended).toMatchObject({
      answer: { status: 200, body: { status: 'suspended', is_active: false, version: 2 } },
      entries: [`update core.users ${user.id}`],
    });
    await world.until(client, '/auth/me', 401);
    expect(await act('suspend')).toMatchObject({ answer: { status: 200, body: { version: 2 } }, entries: [] });
    expect(await act('activate')).toMatchObject({
      answer: { status: 200, body: { status: 'active', version: 3 } },
      entries: [`update core.users ${user.id}`],
    });
    await world.until(client, '/auth/me', 200);
  });

  it('is not for oneself, nor for strangers, nor without user_manage', async () => {
    const { admin, manager } = world.clients;
    world.refused(await admin.post(`/users/${world.ids.admin}/suspend`), 403, 'permission_denied');
    expect((await admin.post(`/users/${world.other.adminId}/suspend`)).status).toBe(404);
    world.refused(await manager.post(`/users/${world.ids.executive}/suspend`), 403, 'permission_denied');
    world.refused(await admin.post(`/users/${world.ids.viewer}/suspend?x=1`), 422, 'validation_failed', 'x');
  });

  it('lets an admin suspend another, but nobody somebody higher', async () => {
    const { admin } = world.clients;
    const other = await world.user({ role_codes: ['admin'] });
    expect((await admin.post(`/users/${other.id}/suspend`)).status).toBe(200);
    expect((await admin.post(`/users/${other.id}/activate`)).status).toBe(200);
    expect((await admin.post(`/users/${other.id}/suspend`)).status).toBe(200);
    await world.ownRole('boss', { priority: 80 });
    const boss = await world.user({ role_codes: ['boss', 'admin'] }, world.clients.root);
    world.refused(await admin.post(`/users/${boss.id}/suspend`), 403, 'priority_too_low');
    await world.clients.root.delete(`/users/${boss.id}`);
  });

  it('suspends a guest in this tenant alone', async () => {
    const guest = await world.guest('viewer');
    const before = await world.stored('users', guest.id);
    const { answer, entries } = await world.audited((headers) =>
      world.clients.admin.post(`/users/${guest.id}/suspend`, undefined, headers),
    );
    expect(answer).toMatchObject({ status: 200, body: { status: 'suspended' } });
    expect(entries).toEqual([`update core.user_tenant_associations ${guest.id}`]);
    expect(await world.stored('users', guest.id)).toEqual(before);
    expect((await (await world.signIn(guest)).get('/auth/me')).status).toBe(200);
  });
});

describe('deleting a user', () => {
  it('is soft: he is gone with his sessions, his records stay, and he can come back', async () => {
    const { admin } = world.clients;
    const user = await world.user({ role_codes: ['admin'] }, world.clients.root);
    const client = await world.signIn(user);
    const lead = (await client.post('/crm/leads', { name: 'His' })).body as { id: string };
    const { answer, entries } = await world.audited((headers) =>
      world.clients.root.delete(`/users/${user.id}`, headers),
    );
    expect(answer.status).toBe(204);
    expect(entries).toEqual([`delete core.users ${user.id}`]);
    await world.until(client, '/auth/me', 401);
    expect((await admin.get(`/users/${user.id}`)).status).toBe(404);
    expect((await admin.get('/users?is_deleted=true&limit=1')).body).toMatchObject({
      items: [{ id: user.id, is_deleted: true, is_active: false }],
    });
    expect((await admin.get(`/crm/leads/${lead.id}`)).body).toMatchObject({ owner_id: user.id, created_by: user.id });
    expect(await world.sql('select 1 from core.sessions where user_id = $1 and revoked_at is null', [user.id])).toEqual(
      [],
    );
    expect((await admin.delete(`/users/${user.id}`)).status).toBe(404);
    world.refused(await admin.post(`/users/${user.id}/restore`), 403, 'priority_too_low');
    const back = await world.audited((headers) =>
      world.clients.root.post(`/users/${user.id}/restore`, undefined, headers),
    );
    expect(back).toMatchObject({
      answer: { status: 200, body: { id: user.id, is_deleted: false, role_codes: ['admin'] } },
      entries: [`restore core.users ${user.id}`],
    });
    expect((await client.get('/auth/me')).status).toBe(401);
    expect((await (await world.signIn(user)).get('/auth/me')).status).toBe(200);
    await world.clients.root.delete(`/users/${user.id}`);
  });

  it('frees his name and address, and he cannot come back while they are taken', async () => {
    const { admin } = world.clients;
    const user = await world.user();
    await admin.delete(`/users/${user.id}`);
    const heir = await world.user({ username: user.username });
    world.refused(await admin.post(`/users/${user.id}/restore`), 409, 'conflict', 'username');
    await admin.patch(`/users/${heir.id}`, { username: world.name(), email: user.email });
    world.refused(await admin.post(`/users/${user.id}/restore`), 409, 'conflict', 'email');
    await admin.patch(`/users/${heir.id}`, { email: 'heir@x.example' });
    expect((await admin.post(`/users/${user.id}/restore`)).status).toBe(200);
    expect((await world.clients.stranger.post(`/users/${user.id}/restore`)).status).toBe(404);
  });

  it('reaches those below alone', async () => {
    const { admin, editor, stranger } = world.clients;
    const equal = await world.user({ role_codes: ['admin'] });
    const { id } = await world.user();
    for (const query of ['', '?hard=true']) {
      world.refused(await admin.delete(`/users/${equal.id}${query}`), 403, 'priority_too_low');
      world.refused(await editor.delete(`/users/${id}${query}`), 403, 'permission_denied');
      expect((await stranger.delete(`/users/${id}${query}`)).status).toBe(404);
    }
    await world.ownRole('remover', { permissions: ['user_read', 'user_delete'] });
    const remover = await world.signIn(await world.user({ role_codes: ['remover'] }));
    world.refused(await remover.delete(`/users/${id}?hard=true`), 403, 'permission_denied');
    expect((await remover.delete(`/users/${id}`)).status).toBe(204);
    await world.clients.root.delete(`/users/${equal.id}`);
  });

  it('is for good with hard=true: nothing is left but authorship, entries and a tombstone', async () => {
    const { admin } = world.clients;
    const user = await world.user({ role_codes: ['user'] });
    const [group] = await world.sql<{ id: string }>(
      `insert into core.user_groups (id, organization_id, group_code, group_name) values (uuidv7(), $1, 'g', 'G') returning id`,
      [world.home.id],
    );
    await world.sql(
      `insert into core.user_group_members (id, organization_id, group_id, user_id) values (uuidv7(), $1, $2, $3)`,
      [world.home.id, group?.id, user.id],
    );
    await world.sql(
      `insert into core.user_modules (id, organization_id, user_id, module) values (uuidv7(), $1, $2, 'crm')`,
      [world.home.id, user.id],
    );
    await world.sql(
      `insert into core.user_permissions (id, organization_id, user_id, permission_id) select uuidv7(), $1, $2, id from core.permissions where permission_code in ('crm_leads_create', 'crm_leads_read')`,
      [world.home.id, user.id],
    );
    await world.sql(`insert into core.user_tenant_associations (organization_id, user_id) values ($1, $2)`, [
      world.other.id,
      user.id,
    ]);
    await world.sql(
      `insert into core.one_time_tokens (id, purpose, organization_id, user_id, email, token_hash, expires_at) values (uuidv7(), 'password', $1, $2, 'x', 'secret-hash', now())`,
      [world.home.id, user.id],
    );
    const client = await world.signIn(user);
    const lead = (await client.post('/crm/leads', { name: 'Outlives him' })).body as { id: string };
    const tables = [
      'user_roles',
      'user_modules',
      'user_permissions',
      'user_group_members',
      'sessions',
      'one_time_tokens',
      'user_tenant_associations',
      'users',
    ];
    const rows = await Promise.all(
      tables.map(async (table) =>
        (await world.stored(table, user.id)).map(
          (row) => `delete core.${table} ${String(row['id'] ?? row['user_id'])}`,
        ),
      ),
    );
    expect(rows.every((each) => each.length > 0)).toBe(true);
    const { answer, entries } = await world.audited((headers) => admin.delete(`/users/${user.id}?hard=true`, headers));
    expect(answer.status).toBe(204);
    expect(entries).toEqual([...rows.flat(), `create core.tombstones ${user.id}`].sort());
    for (const table of tables) expect(await world.stored(table, user.id)).toEqual([]);
    expect(await world.sql('select * from core.tombstones where id = $1', [user.id])).toMatchObject([
      { kind: 'user', code: user.username, organization_id: world.home.id, removed_by: world.ids.admin },
    ]);
    const log = await world.sql<{ changes: string }>(
      `select changes::text from core.audit_log where action = 'delete'`,
    );
    expect(log.map(({ changes }) => changes).join()).not.toMatch(/secret-hash|\$2[aby]\$/);
    expect((await admin.get(`/crm/leads/${lead.id}?include=owner`)).body).toMatchObject({
      owner_id: user.id,
      created_by: user.id,
      owner: null,
    });
    await world.until(client, '/auth/me', 401);
    expect((await admin.delete(`/users/${user.id}?hard=true`)).status).toBe(404);
  });

  it('removes for good who was deleted softly, and nobody to whom a living one reports', async () => {
    const { admin } = world.clients;
    const boss = await world.user();
    const low = await world.user({ reports_to_id: boss.id });
    await admin.delete(`/users/${boss.id}`);
    world.refused(await admin.delete(`/users/${boss.id}?hard=true`), 409, 'in_use');
    expect(await world.stored('users', boss.id)).toHaveLength(1);
    await admin.delete(`/users/${low.id}`);
    expect((await admin.delete(`/users/${boss.id}?hard=true`)).status).toBe(204);
    expect(await world.stored('user_tenant_associations', low.id)).toMatchObject([{ reports_to_id: null }]);
  });

  it('lets a guest go from this tenant alone', async () => {
    const { admin } = world.clients;
    for (const query of ['', '?hard=true']) {
      const guest = await world.guest('viewer');
      const others = await rowsOf(world.app.database, world.other.id);
      const { answer, entries } = await world.audited((headers) => admin.delete(`/users/${guest.id}${query}`, headers));
      expect(answer.status).toBe(204);
      expect(entries).toEqual([
        expect.stringContaining('delete core.user_roles'),
        `delete core.user_tenant_associations ${guest.id}`,
      ]);
      expect((await admin.get(`/users/${guest.id}`)).status).toBe(404);
      expect(await rowsOf(world.app.database, world.other.id)).toEqual(others);
    }
  });
});
