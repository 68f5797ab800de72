import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import { mailsTo } from '../support/mail.js';
import { rowsOf } from '../support/oracles.js';
import { Provisioning } from '../support/dist.js';
import { bodyOf, eventually, freshCode, idsOf, refused, tenantsWorld, type TenantsWorld } from './tenants-world.js';

const PARALLEL = 50;

describe('making a tenant', () => {
  let world: TenantsWorld;
  let sql: TenantsWorld['sql'];
  beforeAll(async () => {
    world = await tenantsWorld({ BASE_DOMAIN: 'tenantry.test' });
    sql = (text, values) => world.sql(text, values);
  });
  afterAll(() => world.close());

  const counted = () => sql('select count(*) from core.organizations');
  const codes = async (table: string, column: string, id: string) =>
    (
      await sql<{ code: string }>(`select ${column} as code from ${table} where organization_id = $1 order by 1`, [id])
    ).map(({ code }) => code);

  it('gives it all that belongs to it, with an entry for each row', async () => {
    const body = bodyOf({ domain: 'siteA.com', subdomain: 'site-a' });
    const { answer, entries } = await world.audited((headers) => world.root.post('/tenants', body, headers));
    expect(answer).toMatchObject({
      status: 201,
      body: {
        ...body,
        ...{ license_tier: 'free', isolation: 'shared', status: 'active', settings: {}, enabled_modules: {} },
        domain_verified_at: null,
        location: { isolation: 'shared', server: 'main', status: 'ready' },
        version: 2,
        is_active: true,
      },
    });
    const { id } = answer.body as { id: string };
    expect(answer.headers.get('location')).toBe(`/api/v1/tenants/${id}`);
    expect(answer.headers.get('etag')).toBe('"2"');
    expect((await world.root.get(`/tenants/${id}`)).body).toEqual(answer.body);

    expect(await codes('core.user_groups', 'group_code', id)).toEqual([
      'all_members',
      'premium_users',
      'regular_users',
      'vip_users',
    ]);
    expect(await codes('core.menus', 'menu_code', id)).toEqual(['boards', 'files', 'home', 'members', 'settings']);
    expect(await codes('shared.boards', 'board_code', id)).toEqual(['notice']);
    expect(await codes('core.module_trials', 'module', id)).toEqual(['crm']);
    expect(await codes('core.subscriptions', `plan_code || ' ' || status`, id)).toEqual(['free active']);
    expect(await sql('select epoch, state from tenancy.fence where organization_id = $1', [id])).toEqual([
      { epoch: 1, state: 'active' },
    ]);
    expect(
      await sql(
        `select u.username, u.email, u.status, u.hashed_password, r.role_code, g.group_code, a.is_guest from core.users u
         join core.user_roles ur on ur.user_id = u.id join core.roles r on r.id = ur.role_id
         join core.user_tenant_associations a on a.user_id = u.id
         join core.user_group_members m on m.user_id = u.id join core.user_groups g on g.id = m.group_id where u.organization_id = $1`,
        [id],
      ),
    ).toEqual([
      {
        ...{ username: body.admin_email, email: body.admin_email, status: 'inactive', hashed_password: null },
        ...{ role_code: 'admin', group_code: 'regular_users', is_guest: false },
      },
    ]);
    expect(await mailsTo(world.app.app, body.admin_email, 1)).toHaveLength(1);

    const rows = [...(await rowsOf(world.app.database, id)).keys()].map((key) => key.split(' ')[0] ?? '');
    const unaudited = /audit_log|access_version|idempotency_keys|outbox/;
    expect(entries).toEqual(
      [
        ...rows.filter((table) => !unaudited.test(table)).map((table) => `create ${table}`),
        'update core.organizations',
      ].sort(),
    );
  });

  it('lets its administrator in once he is active, to all that is its own', async () => {
    const made = await world.tenant();
    const admin = await world.adminOf(made);
    expect(idsOf(await admin.get('/tenants'))).toEqual([made.id]);
    expect((await admin.get('/boards')).body).toMatchObject({ items: [{ board_code: 'notice', tenant_id: made.id }] });
    expect((await admin.get('/auth/me')).body).toMatchObject({
      tenant: { id: made.id },
      roles: [{ role_code: 'admin' }],
    });
  });

  it(`makes one of ${String(PARALLEL)} at the same time with one code, and leaves nothing of the others`, async () => {
    const code = freshCode();
    const before = await counted();
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, (_, n) =>
        world.root.post(
          '/tenants',
          bodyOf({ tenant_code: n % 2 === 0 ? code : code.toUpperCase(), admin_email: 'raced@raced.example' }),
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      refused(answer, 409, 'conflict', 'tenant_code', 'taken');
    expect(await counted()).toEqual([{ count: String(Number(before[0]?.['count']) + 1) }]);
    const [made] = await sql<{ id: string }>('select id from core.organizations where tenant_code_lower = $1', [code]);
    const ofOthers = `select (select count(*) from core.users where email_lower = 'raced@raced.example') as users,
      (select count(*) from tenancy.fence f where not exists (select from core.organizations o where o.id = f.organization_id)) as fences,
      (select count(*) from core.audit_log l where l.organization_id <> $2 and l.resource = 'organizations' and l.changes -> 'after' ->> 'tenant_code' ilike $1) as entries`;
    expect(await sql(ofOthers, [code, made?.id])).toEqual([{ users: '1', fences: '0', entries: '0' }]);
    expect(await mailsTo(world.app.app, 'raced@raced.example', 1)).toHaveLength(1);
  });

  it('keeps a code taken after deletion, and a subdomain not', async () => {
    const { id, row } = await world.tenant({ subdomain: 'once' });
    expect((await world.root.delete(`/tenants/${id}`)).status).toBe(204);
    const code = row.tenant_code.toUpperCase();
    refused(await world.root.post('/tenants', bodyOf({ tenant_code: code })), 409, 'conflict', 'tenant_code', 'taken');
    await world.tenant({ subdomain: 'ONCE' });
    refused(await world.root.post(`/tenants/${id}/restore`), 409, 'conflict', 'subdomain', 'taken');
    expect(await sql('select deleted_at is null as alive from core.organizations where id = $1', [id])).toEqual([
      { alive: false },
    ]);
  });

  it('refuses a subdomain and a proved domain that another has, and a claimed one not', async () => {
    const { id } = await world.tenant({ subdomain: 'Mine', domain: 'mine.example' });
    refused(await world.root.post('/tenants', bodyOf({ subdomain: 'mINE' })), 409, 'conflict', 'subdomain', 'taken');
    const rival = await world.tenant({ domain: 'MINE.example' });
    expect((await world.root.post(`/tenants/${id}/domain/verify`, { confirm: true })).status).toBe(200);
    refused(
      await world.root.post(`/tenants/${rival.id}/domain/verify`, { confirm: true }),
      ...([409, 'conflict', 'domain', 'taken'] as const),
    );
    expect(await world.tenant({ domain: 'mine.example' })).toMatchObject({ row: { domain_verified_at: null } });
  });

  it.each<[string, object]>([
    ['tenant_code', { tenant_code: 'a' }],
    ['tenant_code', { tenant_code: 'has space' }],
    ['tenant_code', { tenant_code: 'x'.repeat(51) }],
    ['tenant_code', { tenant_code: 'a\u0000b' }],
    ['tenant_code', { tenant_code: ['ab'] }],
    ['tenant_code', { tenant_code: undefined }],
    ['tenant_code', { tenant_code: null }],
    ...['Public', 'core', 'shared', 'admin', 'API', 'www', 'pg_temp', 'PG-catalog'].map((code): [string, object] => [
      'tenant_code',
      { tenant_code: code },
    ]),
    ['tenant_name', { tenant_name: ' ' }],
    ['tenant_name', { tenant_name: 'x'.repeat(101) }],
    ['admin_email', { admin_email: 'nobody' }],
    ['admin_email', { admin_email: null }],
    ...[
      'nothing',
      'a b.com',
      '1.2.3.4',
      'http://a.com',
      'a.com.',
      'a.com:80',
      'tenantry.test',
      'A.Tenantry.Test',
      '',
    ].map((domain): [string, object] => ['domain', { domain }]),
    ['domain', { domain: 7 }],
    ...['a.b', 'a_b', '-a', '', 'www', 'API'].map((subdomain): [string, object] => ['subdomain', { subdomain }]),
    ['license_tier', { license_tier: 'platinum' }],
    ['license_tier', { license_tier: null }],
    ['isolation', { isolation: 'none' }],
    ['server', { server: 'eu-1' }],
    ['settings', { settings: [] }],
    ['settings', { settings: 'x' }],
    ['status', { status: 'suspended' }],
    ['enabled_modules', { enabled_modules: { crm: true } }],
    ['epoch', { epoch: 9 }],
    ['nonsense', { nonsense: 1 }],
  ])('refuses with 422 at %s %j, and leaves nothing', async (path, more) => {
    const before = await counted();
    refused(await world.root.post('/tenants', bodyOf(more)), 422, 'validation_failed', path);
    expect(await counted()).toEqual(before);
  });

  it('passes settings through untouched', async () => {
    const settings = {
      theme: { colours: { deep: { deeper: [1, [2, [{ three: null }]]] } } },
      'ключ 🔑': 'значение "quoted" \\ \u2028',
      numbers: [0.1, 1e21, -0.5, 9007199254740991],
      empty: { object: {}, list: [], text: '' },
      organization_id: 'x',
    };
    const { id } = await world.tenant({ settings });
    expect((await world.root.get(`/tenants/${id}`)).body).toHaveProperty('settings', settings);
    const changed = { ...settings, theme: 'dark' };
    expect((await world.root.patch(`/tenants/${id}`, { settings: changed })).body).toHaveProperty('settings', changed);
  });

  it('is answered once for an idempotency key, after a refusal too', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = bodyOf();
    const first = await world.root.post('/tenants', body, key);
    const again = await world.root.post('/tenants', body, key);
    expect(again).toMatchObject({ status: 201, body: first.body as object });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    refused(await world.root.post('/tenants', { ...body, tenant_name: 'X' }, key), 422, 'idempotency_key_reused');
    // what was refused is asked anew: the code may be free by then
    const refusedKey = { 'idempotency-key': randomUUID() };
    refused(await world.root.post('/tenants', body, refusedKey), 409, 'conflict', 'tenant_code');
    expect((await world.root.post('/tenants', { ...body, tenant_code: freshCode() }, refusedKey)).status).toBe(201);
    expect(await mailsTo(world.app.app, body.admin_email, 2)).toHaveLength(2);
  });

  it('makes one of ten at the same time with one key, and tells all of it', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = bodyOf();
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.root.post('/tenants', body, key)));
    const made = answers.filter(({ status }) => status !== 409);
    expect(new Set(made.map(({ body: row }) => (row as { id: string }).id)).size).toBe(1);
    for (const { status, headers } of answers) if (status === 409) expect(headers.get('retry-after')).toBe('1');
    expect(
      answers.filter(({ status, headers }) => status < 300 && headers.get('idempotency-replayed') === null),
    ).toHaveLength(1);
  });

  it('is for the platform alone', async () => {
    const before = await counted();
    const answer = await world.admin.post('/tenants', { nonsense: true });
    expect(answer).toMatchObject({
      status: 403,
      body: { code: 'permission_denied', layer: 'permission', required: 'super_admin' },
    });
    refused(await world.app.anonymous.post('/tenants', bodyOf()), 401, 'unauthenticated');
    expect(await counted()).toEqual(before);
  });

  it('answers 202 while its place cannot be reached, lets nobody in, and is finished later', async () => {
    await sql(`update core.locations set status = 'migrating' where isolation = 'shared'`);
    const body = bodyOf();
    const key = { 'idempotency-key': randomUUID() };
    const answer = await world.root.post('/tenants', body, key);
    expect(answer).toMatchObject({ status: 202, body: { ...body, location: { status: 'provisioning' } } });
    const { id } = answer.body as { id: string };
    expect(answer.headers.get('location')).toBe(`/api/v1/tenants/${id}`);
    const again = await world.root.post('/tenants', body, key);
    expect(again).toMatchObject({ status: 202, body: { id } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');

    refused(await world.root.get('/boards', { 'x-tenant': id }), 503, 'unavailable');
    await sql(
      `update core.users set status = 'active', hashed_password = (select hashed_password from core.users u
        where u.email = 'admin@testcorp.com') where organization_id = $1`,
      [id],
    );
    const signIn = await world.app.anonymous.post('/auth/login', { email: body.admin_email, password: 'password123' });
    expect(signIn.status === 503 || signIn.status === 200).toBe(true);
    if (signIn.status === 200)
      refused(
        await world.app.anonymous.get('/boards', {
          authorization: `Bearer ${(signIn.body as { access_token: string }).access_token}`,
        }),
        ...([503, 'unavailable'] as const),
      );
    expect((await world.root.get(`/tenants/${id}`)).body).toMatchObject({ location: { status: 'provisioning' } });

    const provisioning = world.app.app.get(Provisioning);
    expect(await provisioning.resume(0)).toBe(0);
    await sql(`update core.locations set status = 'ready' where isolation = 'shared'`);
    expect(await provisioning.resume(0)).toBe(1);
    expect(await provisioning.resume(0)).toBe(0);
    const admin = await world.app.anonymous.signIn(body.admin_email);
    expect((await eventually(200, () => admin.get('/boards'))).body).toMatchObject({
      items: [{ board_code: 'notice' }],
    });
    expect((await world.root.get(`/tenants/${id}`)).body).toMatchObject({ location: { status: 'ready' } });
    expect(
      await sql(`select count(*) from core.audit_log where organization_id = $1 and resource = 'organizations'`, [id]),
    ).toEqual([{ count: '2' }]);
  });

  it('is not done where one tenant alone is served, which is made at the start', async () => {
    const single = await startApp(world.app.database, { ENABLE_MULTI_TENANCY: 'false', DEFAULT_TENANT: 'the-one' });
    try {
      const root = await eventually(200, () =>
        single.anonymous.post('/auth/login', { email: 'superadmin@example.com', password: 'password123' }),
      );
      const client = single.anonymous.with({
        authorization: `Bearer ${(root.body as { access_token: string }).access_token}`,
      });
      const boards = await eventually(200, () => client.get('/boards'));
      expect(boards).toMatchObject({ status: 200, body: { items: [{ board_code: 'notice' }] } });
      const before = await counted();
      refused(await client.post('/tenants', bodyOf()), 403, 'permission_denied');
      expect(await counted()).toEqual(before);
      expect(
        await sql(
          `select license_tier, location_id is null as half from core.organizations where tenant_code = 'the-one'`,
        ),
      ).toEqual([{ license_tier: 'enterprise', half: false }]);
    } finally {
      await single.close();
    }
  });
});
