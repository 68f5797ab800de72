import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Client } from '../support/client.js';
import { planeOf } from '../support/plane.js';
import { eventually } from './tenants-world.js';
import { PASSWORD, type UserAnswer, UsersWorld } from './users-world.js';

let world: UsersWorld;
beforeAll(async () => {
  world = await UsersWorld.start();
});
afterAll(() => world.app.close());

const page = (answer: Answer): { items: UserAnswer[]; total: number | null; next_cursor: string | null } => {
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body as never;
};
const NOBODY = '0198a8a2-0000-7000-8000-000000000000';

describe('reading users', () => {
  it('answers a member with his roles, his superior and never his hash', async () => {
    const { clients, ids } = world;
    const answer = await clients.admin.get(`/users/${ids.executive}`);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        id: ids.executive,
        tenant_id: world.home.id,
        username: 'executive',
        full_name: 'Elena Petrova',
        status: 'active',
        reports_to_id: ids.manager,
        is_guest: false,
        role_codes: ['executive'],
        record_scope: 'own',
        is_superuser: false,
        is_company_admin: false,
        is_active: true,
        is_deleted: false,
        version: 1,
      },
    });
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.text).not.toMatch(/hash|\$2[aby]\$/);
    expect((await clients.admin.get(`/users/${ids.admin}`)).body).toMatchObject({ is_company_admin: true });
    const known = { 'if-none-match': '"1"' };
    expect((await clients.admin.get(`/users/${ids.executive}`, known)).status).toBe(304);
  });

  it('joins first and last name where no full name was given', async () => {
    const { id } = await world.user({ first_name: 'Ada', last_name: 'Lovelace' });
    expect((await world.clients.admin.get(`/users/${id}`)).body).toMatchObject({ full_name: 'Ada Lovelace' });
    expect(page(await world.clients.admin.get('/users?q=ada%20love')).items.map((each) => each.id)).toEqual([id]);
    expect(await world.sql('select full_name from core.users where id = $1', [id])).toEqual([{ full_name: null }]);
  });

  it('lists, filters, searches and sorts those of the tenant alone', async () => {
    const { clients, ids } = world;
    const items = async (query: string) =>
      page(await clients.admin.get(`/users?${query}`)).items.map(({ username }) => username);
    const { total } = page(await clients.admin.get('/users?with_total=true&limit=1'));
    const [counted] = await world.sql<{ n: string }>(
      'select count(*) as n from core.user_tenant_associations where organization_id = $1',
      [world.home.id],
    );
    expect(total).toBe(Number(counted?.n));
    expect(await items('username=ADMIN')).toEqual(['admin']);
    expect(await items('email=Admin@TestCorp.com')).toEqual(['admin']);
    expect(await items('email=admin@globex.com')).toEqual([]);
    expect(await items('role_code=Manager,editor&sort=username')).toEqual(['editor', 'manager']);
    expect(await items(`reports_to_id=${ids.manager}`)).toEqual(['executive']);
    expect(await items('q=petro')).toEqual(['executive']);
    expect(await items('is_company_admin=true')).toEqual(['admin']);
    expect((await items('is_guest=false&status=active&is_active=true&sort=-username'))[0]).toBe('viewer');
    expect(await items('last_login_at=null&username=admin')).toEqual([]);
    expect(await items('sort=last_login_at,full_name&limit=1&username=admin')).toEqual(['admin']);
    world.refused(await clients.admin.get('/users?hashed_password=null'), 422, 'validation_failed', 'hashed_password');
    expect((await clients.stranger.get(`/users/${ids.admin}`)).status).toBe(404);
  });

  it('goes through all in keyset pages, the newest first', async () => {
    const { admin } = world.clients;
    for (let n = 0; n < 3; n++) await world.user({ password: null });
    const all = page(await admin.get('/users?limit=500')).items.map(({ id }) => id);
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const next = page(await admin.get(`/users?limit=2${cursor}`));
      seen.push(...next.items.map(({ id }) => id));
      if (next.next_cursor === null) break;
      cursor = `&cursor=${next.next_cursor}`;
    }
    expect(seen).toEqual(all);
  });

  it('shows a manager himself and those under him, to others 404, and needs user_read', async () => {
    const { clients, ids } = world;
    const seen = page(await clients.manager.get('/users?sort=username')).items.map(({ id }) => id);
    expect(seen).toEqual([ids.executive, ids.manager]);
    expect((await clients.manager.get(`/users/${ids.admin}`)).status).toBe(404);
    expect((await clients.manager.get(`/users/${ids.executive}`)).status).toBe(200);
    world.refused(await clients.executive.get('/users'), 403, 'permission_denied');
    world.refused(await clients.executive.get(`/users/${ids.executive}`), 403, 'permission_denied');
  });

  it('shows everybody to who holds user_read, be his own records all that he reaches', async () => {
    const permissions = ['user_read', 'user_update', 'user_create'];
    await world.ownRole('people_office', { priority: 40, scope: 'own', permissions });
    const officer = await world.signIn(await world.user({ role_codes: ['people_office'] }));
    const total = async (client: Client) => (await client.get('/users?limit=1&with_total=true')).body as object;
    expect(await total(officer)).toMatchObject({
      total: ((await total(world.clients.admin)) as { total: number }).total,
    });
    const person = await world.user({}, officer);
    expect((await officer.patch(`/users/${person.id}`, { first_name: 'Ada' })).body).toMatchObject({
      first_name: 'Ada',
    });
    world.refused(await officer.patch(`/users/${world.ids.admin}`, { first_name: 'X' }), 403, 'priority_too_low');
  });

  it('are a file too, without what is hidden', async () => {
    const { status, text } = await world.clients.admin.get('/users.csv?status=active');
    expect(status).toBe(200);
    expect(text).toContain('viewer@testcorp.com');
    expect(text).not.toMatch(/hashed|\$2b\$|globex/);
  });

  it('shows a guest beside those at home, by his standing here', async () => {
    const guest = await world.guest('viewer');
    const { admin } = world.clients;
    expect((await admin.get(`/users/${guest.id}`)).body).toMatchObject({
      tenant_id: world.home.id,
      is_guest: true,
      role_codes: ['viewer'],
      status: 'active',
    });
    const { items } = page(await admin.get('/users?is_guest=true'));
    expect(items.map(({ id }) => id)).toEqual([guest.id]);
  });

  it('finds the first page by an index under the policies, without sorting all', async () => {
    await world.sql(
      `with made as (insert into core.users (id, organization_id, username, email, created_at)
         select uuidv7(), $1, 'many' || n, 'many' || n || '@x.example', now() - n * interval '1 second' from generate_series(1, 3000) n returning id, organization_id, created_at)
       insert into core.user_tenant_associations (organization_id, user_id, created_at) select organization_id, id, created_at from made`,
      [world.other.id],
    );
    await world.sql('analyze core.users');
    await world.sql('analyze core.user_tenant_associations');
    const { core, tenancy } = planeOf(world.app.app);
    const values = [world.other.id];
    const plan = await tenancy.run(world.other.id, () =>
      core.read<{ 'QUERY PLAN': string }>({
        text: `explain select * from core.members as r where r."organization_id" = $1 and r."deleted_at" is null order by r."created_at" desc, r."id" desc limit 101`,
        values,
      }),
    );
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(text).toContain('user_tenant_associations_created_at_idx');
    expect(text).not.toContain('Sort');
    await world.sql(
      `delete from core.user_tenant_associations a using core.users u where u.id = a.user_id and u.username like 'many%'`,
    );
    await world.sql(`delete from core.users where username like 'many%'`);
  });
});

describe('creating users', () => {
  it('makes the person, his membership and his roles, each with one entry, and he can sign in', async () => {
    const { admin } = world.clients;
    const username = world.name();
    const { answer, entries } = await world.audited((headers) =>
      admin.post(
        '/users',
        {
          username,
          email: `${username}@X.example`,
          password: PASSWORD,
          full_name: 'John Doe',
          phone: '+1234567890',
          avatar_url: 'https://cdn.example.com/john.png',
          preferences: { theme: 'dark' },
          role_codes: ['USER', 'viewer'],
          reports_to_id: world.ids.manager,
          tenant_id: world.home.id,
        },
        headers,
      ),
    );
    const user = answer.body as UserAnswer;
    expect(answer).toMatchObject({
      status: 201,
      body: {
        username,
        status: 'active',
        role_codes: ['user', 'viewer'],
        record_scope: 'all',
        reports_to_id: world.ids.manager,
        version: 1,
        created_by: world.ids.admin,
        is_email_verified: false,
      },
    });
    expect(answer.headers.get('location')).toBe(`/api/v1/users/${user.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    const roles = await world.stored('user_roles', user.id);
    const groups = await world.stored('user_group_members', user.id);
    expect(groups).toHaveLength(1);
    expect(entries).toEqual(
      [
        `create core.users ${user.id}`,
        ...groups.map(({ id }) => `create core.user_group_members ${String(id)}`),
        `create core.user_tenant_associations ${user.id}`,
        ...roles.map(({ id }) => `create core.user_roles ${String(id)}`),
      ].sort(),
    );
    expect(await world.stored('users', user.id)).toMatchObject([
      { hashed_password: expect.stringMatching(/^\$2[aby]\$/), organization_id: world.home.id },
    ]);
    const [audit] = await world.sql<{ changes: string }>(
      `select changes::text from core.audit_log where resource = 'users' and resource_id = $1`,
      [user.id],
    );
    expect(audit?.changes).not.toContain('$2');
    expect((await (await world.signIn(user)).get('/auth/me')).body).toMatchObject({ user: { id: user.id } });
  });

  it('is inactive without a password, and has no role without role_codes', async () => {
    const user = await world.user({ password: undefined });
    expect(user).toMatchObject({ status: 'inactive', is_active: false, role_codes: [], record_scope: 'own' });
    expect(await world.stored('users', user.id)).toMatchObject([{ hashed_password: null }]);
  });

  it('refuses bad bodies at the field, and leaves nothing behind', async () => {
    const { admin } = world.clients;
    const before = await world.sql('select count(*) from core.users');
    const post = (over: Record<string, unknown>) =>
      admin.post('/users', { username: 'bad', email: 'bad@x.example', password: PASSWORD, ...over });
    for (const [over, path] of [
      [{ username: ' ' }, 'username'],
      [{ username: 'x'.repeat(101) }, 'username'],
      [{ email: 'nobody' }, 'email'],
      [{ password: 'password123' }, 'password'],
      [{ password: 'short' }, 'password'],
      [{ avatar_url: 'javascript:alert(1)' }, 'avatar_url'],
      [{ phone: 'call me' }, 'phone'],
      [{ status: 'active' }, 'status'],
      [{ is_superuser: true }, 'is_superuser'],
      [{ hashed_password: 'x' }, 'hashed_password'],
      [{ preferences: null }, 'preferences'],
      [{ role_codes: ['user', 'nothing'] }, 'role_codes.1'],
      [{ role_codes: ['super_admin'] }, 'role_codes.0'],
      [{ reports_to_id: NOBODY }, 'reports_to_id'],
      [{ reports_to_id: world.other.adminId }, 'reports_to_id'],
      [{ role_codes: ['executive'] }, 'reports_to_id'],
    ] as const)
      world.refused(await post(over), 422, 'validation_failed', path);
    world.refused(await post({ tenant_id: world.other.id }), 403, 'tenant_mismatch');
    world.refused(await world.clients.editor.post('/users', {}), 403, 'permission_denied');
    expect(await world.sql('select count(*) from core.users')).toEqual(before);
  });

  it('knows no role of another tenant', async () => {
    await world.ownRole('their_own', { tenant: world.other });
    const answer = await world.clients.admin.post('/users', {
      username: 'thief',
      email: 'thief@x.example',
      role_codes: ['their_own'],
    });
    world.refused(answer, 422, 'validation_failed', 'role_codes.0', 'not_found');
  });

  it('gives no role as high as one’s own, but an admin makes admins', async () => {
    await world.ownRole('chief', { priority: 75 });
    const post = (role_codes: string[]) =>
      world.clients.admin.post('/users', { username: 'x', email: 'x@x.example', role_codes });
    world.refused(await post(['chief']), 403, 'priority_too_low');
    expect((await world.user({ role_codes: ['admin'] })).role_codes).toEqual(['admin']);
    expect((await world.user({ role_codes: ['chief'] }, world.clients.root)).role_codes).toEqual(['chief']);
  });

  it('takes a username and an address once, in whatever case; another tenant may have them', async () => {
    const user = await world.user();
    const post = (username: string, email: string) => world.clients.admin.post('/users', { username, email });
    world.refused(await post(user.username.toUpperCase(), 'new@x.example'), 409, 'conflict', 'username');
    world.refused(await post(world.name(), user.email.toUpperCase()), 409, 'conflict', 'email');
    await world.user({ username: user.username, email: user.email }, world.clients.stranger);
  });

  it('lets one of fifty parallel creates through', async () => {
    const body = { username: 'race', email: 'race@x.example' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.clients.admin.post('/users', body)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status, body: { code } }) => status === 409 && code === 'conflict')).toHaveLength(49);
    expect(await world.sql(`select 1 from core.users where username = 'race'`)).toHaveLength(1);
  });

  it('replays the answer for an idempotency key', async () => {
    const key = { 'idempotency-key': 'user-1' };
    const body = { username: 'once', email: 'once@x.example', password: PASSWORD };
    const first = await world.clients.admin.post('/users', body, key);
    const again = await world.clients.admin.post('/users', body, key);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    const kept = await world.sql<{ answer: string }>('select answer::text from core.idempotency_keys');
    expect(kept.map(({ answer }) => answer).join()).not.toContain(PASSWORD);
  });

  it('lets a manager make executives alone, under himself or his reports', async () => {
    const { manager } = world.clients;
    const post = (over: Record<string, unknown>) => {
      const username = world.name();
      return manager.post('/users', { username, email: `${username}@x.example`, ...over });
    };
    for (const role_codes of [undefined, [], ['user'], ['executive', 'user'], ['manager']])
      expect((await post({ role_codes })).status).toBe(403);
    world.refused(await post({ role_codes: ['executive'] }), 422, 'validation_failed', 'reports_to_id');
    const own = await post({ role_codes: ['executive'], reports_to_id: world.ids.manager });
    expect(own).toMatchObject({ status: 201, body: { reports_to_id: world.ids.manager, role_codes: ['executive'] } });
    const { id } = own.body as UserAnswer;
    // who is under whom is kept by the node, which hears of a new one within a moment
    const below = await eventually(201, () => post({ role_codes: ['executive'], reports_to_id: id }));
    expect(below).toMatchObject({ status: 201, body: { reports_to_id: id } });
    world.refused(
      await post({ role_codes: ['executive'], reports_to_id: world.ids.admin }),
      422,
      'validation_failed',
      'reports_to_id',
      'not_found',
    );
    await world.sql('update core.user_tenant_associations set reports_to_id = $1 where reports_to_id = $2', [
      world.ids.manager,
      id,
    ]);
  });

  it('lets whoever sees nobody create nobody', async () => {
    await world.ownRole('blind', { permissions: ['user_create'] });
    const blind = await world.signIn(await world.user({ role_codes: ['blind'] }));
    const answer = await blind.post('/users', { username: 'unseen', email: 'unseen@x.example' });
    expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied', required: 'user_read' } });
  });

  it('is the platform’s too, in the tenant that it names', async () => {
    const root = await world.app.signIn('superadmin@example.com');
    const body = { username: world.name(), email: `${world.name()}@x.example` };
    world.refused(await root.post('/users', body), 400, 'tenant_required');
    const made = await root.post('/users', { ...body, tenant_id: world.other.id });
    expect(made).toMatchObject({ status: 201, body: { tenant_id: world.other.id } });
  });
});
