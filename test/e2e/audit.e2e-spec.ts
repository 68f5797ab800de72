import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

const ZERO = '00000000-0000-0000-0000-000000000000';
interface Entry {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly at: string;
  readonly [column: string]: unknown;
}
interface Page {
  readonly items: Entry[];
  readonly next_cursor: string | null;
  readonly total: number | null;
}

describe('the audit log', () => {
  let app: TestApp;
  let mine: Tenant;
  let theirs: Tenant;
  let admin: Client;
  let neighbour: Client;
  let platform: Client;
  beforeAll(async () => {
    app = await startApp();
    [mine, theirs] = await Promise.all([tenantOf(app.database, 'testcorp'), tenantOf(app.database, 'globex')]);
    admin = await app.signIn('admin@testcorp.com');
    neighbour = await app.signIn('admin@globex.com');
    platform = await app.signIn('superadmin@example.com');
    for (const { id, code } of [mine, theirs]) await plant(id, code);
    await plant(ZERO, 'platform', ['core']);
  });
  afterAll(() => app.close());

  /** Entries of both planes at few times, so that many are equal, with a word that stands for their tenant. */
  async function plant(organizationId: string, word: string, planes = ['core', 'tenant']): Promise<void> {
    for (const plane of planes) {
      const { sql } = plane === 'core' ? app.database : app.database.at(organizationId);
      await sql(
        `insert into ${plane === 'core' ? 'core.audit_log' : 'audit_log'} (organization_id, id, at, action, resource, request_id, changes)
         select $1, gen_random_uuid(), timestamptz '2026-11-01T00:00:00Z' + (n % 5) * interval '1 second', 'plant', 'planted', 'canary-' || $2, jsonb_build_object('after', jsonb_build_object('n', n))
         from generate_series(1, 23) n`,
        [organizationId, word],
      );
    }
  }
  const page = async (client: Client, query: string, headers?: Record<string, string>): Promise<Page> => {
    const answer = await client.get(`/audit-log?${query}`, headers);
    expect({ query, status: answer.status, text: answer.status === 200 ? '' : answer.text }).toMatchObject({
      status: 200,
    });
    return answer.body as Page;
  };
  const ids = ({ items }: Page) => items.map(({ id }) => id);
  const paged = async (client: Client, query: string): Promise<string[]> => {
    const found: string[] = [];
    for (let cursor: string | null = '', first = true; cursor !== null; first = false) {
      const next: Page = await page(client, first ? query : `${query}&cursor=${cursor}`);
      found.push(...ids(next));
      cursor = next.next_cursor;
    }
    return found;
  };
  /** What is really stored, as one list. */
  const stored = async (where: string, values: unknown[], direction = 'desc') => {
    const entries = (table: string) =>
      `select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || id as place from ${table} where ${where}`;
    const found = await Promise.all([
      app.database.sql<{ id: string; place: string }>(entries('core.audit_log'), values),
      app.database.everywhere<{ id: string; place: string }>(entries('audit_log'), values),
    ]);
    const rows = found.flat().sort((one, other) => (one.place < other.place ? -1 : 1));
    return (direction === 'desc' ? rows.reverse() : rows).map(({ id }) => id);
  };
  const planted = (organizationId: string, direction?: string) =>
    stored(`organization_id = $1 and action = 'plant'`, [organizationId], direction);
  /** A refusal is written beside its answer. */
  const eventually = async <Row>(sql: string, values: unknown[], count: number): Promise<Row[]> => {
    for (const until = Date.now() + 2_000; ;) {
      const rows = await app.database.sql<Row>(sql, values);
      if (rows.length >= count || Date.now() > until) return rows;
      await sleep(20);
    }
  };

  describe('tells of changes', () => {
    it('one entry for each, with what was before and after, who did it and from where', async () => {
      const created = await admin.post('/crm/leads', { name: 'Ada', status: 'new' }, { 'x-request-id': 'audit-1' });
      const { id } = created.body as { id: string };
      await admin.patch(`/crm/leads/${id}`, { status: 'contacted', company: 'Engines' }, { 'user-agent': 'spec' });
      await platform.with({ 'x-tenant': 'testcorp' }).delete(`/crm/leads/${id}`);
      const { items, total } = await page(admin, `resource=crm_leads&resource_id=${id}&sort=at&with_total=true`);
      expect(total).toBe(3);
      expect(items).toMatchObject([
        { action: 'create', actor_id: mine.adminId, actor_kind: 'user', request_id: 'audit-1', tenant_id: mine.id },
        { action: 'update', user_agent: 'spec', outcome: 'ok', code: null, layer: null, reason: null },
        { action: 'delete', actor_kind: 'platform' },
      ]);
      expect(items[0]?.['changes']).toMatchObject({ after: { name: 'Ada', status: 'new' } });
      expect(items[1]?.['changes']).toEqual({
        before: { status: 'new', company: null },
        after: { status: 'contacted', company: 'Engines' },
      });
      expect(
        items.every(({ at, ip }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(at) && ip === '127.0.0.1'),
      ).toBe(true);
    });

    it('sign-ins among them, and never a secret', async () => {
      await app.signIn('viewer@testcorp.com');
      const { text } = await admin.get('/audit-log?limit=500');
      expect(text).toContain('"action":"login"');
      expect(text).not.toMatch(/\$2[aby]\$\d\d\$|eyJ[\w-]{10,}\./);
      const secrets = await app.database.sql(
        `select from core.audit_log where changes::text ~ '"(hashed_password|refresh_hash)": "[^*]'`,
      );
      expect(secrets).toEqual([]);
    });
  });

  describe('is one list of both planes', () => {
    it.each(['-at', 'at'])('by cursor, sorted by %s, with equal times', async (sort) => {
      const all = await planted(mine.id, sort === 'at' ? 'asc' : 'desc');
      expect(all).toHaveLength(46);
      for (const limit of [1, 7, 46, 47])
        expect(await paged(admin, `action=plant&sort=${sort}&limit=${String(limit)}`)).toEqual(all);
    });

    it('by skip', async () => {
      const all = await planted(mine.id);
      for (let skip = 0; skip <= 48; skip++)
        expect(ids(await page(admin, `action=plant&limit=5&skip=${String(skip)}`))).toEqual(all.slice(skip, skip + 5));
      expect(await page(admin, 'skip=2147483647')).toEqual({ items: [], next_cursor: null, total: null });
    });

    it('that holds while entries come', async () => {
      // one that is moved has entries of that
      const { before, first } = await app.database.stillness.during(async () => ({
        before: await stored('organization_id = $1', [mine.id]),
        first: await page(admin, 'limit=3'),
      }));
      await admin.post('/crm/leads', { name: 'Newer' });
      const second = await page(admin, `limit=3&cursor=${first.next_cursor ?? ''}`);
      expect([...ids(first), ...ids(second)]).toEqual(before.slice(0, 6));
    });

    it('counted over both', async () => {
      expect(await page(admin, 'action=plant&limit=1&with_total=true')).toMatchObject({ total: 46 });
      expect(await page(admin, 'action=plant&limit=1')).toMatchObject({ total: null });
    });

    it('narrowed by each filter', async () => {
      const filters: [string, string, unknown[]][] = [
        ['action=plant,login', `action in ('plant', 'login')`, []],
        ['outcome=refused', `outcome = 'refused'`, []],
        ['actor_kind=user', `actor_kind = 'user'`, []],
        [`actor_id=${mine.adminId}`, 'actor_id = $2', [mine.adminId]],
        [`actor_id=null,${mine.adminId}`, '(actor_id is null or actor_id = $2)', [mine.adminId]],
        ['resource=planted,sessions', `resource in ('planted', 'sessions')`, []],
        ['resource_id=null', 'resource_id is null', []],
        ['code=null', 'code is null', []],
        ['request_id=canary-testcorp', `request_id = 'canary-testcorp'`, []],
        [
          'at_gte=2026-11-01T00:00:02Z&at_lt=2026-11-01T00:00:04Z',
          `at >= '2026-11-01T00:00:02Z' and at < '2026-11-01T00:00:04Z'`,
          [],
        ],
      ];
      for (const [query, where, values] of filters)
        expect([query, await paged(admin, `${query}&limit=500`)]).toEqual([
          query,
          await stored(`organization_id = $1 and ${where}`, [mine.id, ...values]),
        ]);
    });

    it.each([
      'nonsense=1',
      'limit=0',
      'limit=501',
      'skip=-1',
      'sort=action',
      'sort=-at,at',
      'with_total=yes',
      'actor_id=me',
      'outcome=maybe',
      'actor_kind=robot',
      'at_gte=yesterday',
      'action=a&action=b',
      'q=ada',
      'is_deleted=true',
      'include=owner',
      'at=2026-11-01T00:00:02Z',
      'cursor=nonsense',
      'constructor=1',
    ])('that refuses %s', async (query) => {
      const { status, body } = await admin.get(`/audit-log?${query}`);
      expect({ status, path: (body as { errors: { path: string }[] }).errors[0]?.path }).toEqual({
        status: 422,
        path: query.split('=')[0],
      });
    });

    it('whose cursor is bound to its filters and sort, and does not go with skip', async () => {
      const { next_cursor: cursor } = await page(admin, 'action=plant&limit=2');
      for (const query of ['', 'action=login&', 'action=plant&sort=at&', 'action=plant&skip=0&'])
        expect((await admin.get(`/audit-log?${query}cursor=${cursor ?? ''}`)).status).toBe(422);
    });
  });

  describe('keeps tenants apart', () => {
    it('in lists, by filters, in files', async () => {
      const { total } = await page(neighbour, 'limit=500&with_total=true');
      expect(total).toBe((await stored('organization_id = $1', [theirs.id])).length);
      for (const path of ['/audit-log?limit=500', '/audit-log.csv']) {
        const { text } = await neighbour.get(path);
        expect(text).toContain('canary-globex');
        expect(text).not.toMatch(/canary-(testcorp|platform)/);
        expect(text).not.toContain(mine.id);
      }
      for (const query of [`actor_id=${mine.adminId}`, 'request_id=canary-testcorp', 'request_id=canary-platform'])
        expect(await page(neighbour, `${query}&with_total=true`)).toEqual({ items: [], next_cursor: null, total: 0 });
    });

    it('by the cursor of another tenant, and by his name', async () => {
      const { next_cursor: cursor } = await page(admin, 'action=plant&limit=2');
      expect((await neighbour.get(`/audit-log?action=plant&limit=2&cursor=${cursor ?? ''}`)).status).toBe(422);
      for (const tenant of ['testcorp', mine.id])
        expect((await neighbour.get('/audit-log', { 'x-tenant': tenant })).status).toBe(403);
    });

    it('from one another while both read at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? admin : neighbour).get('/audit-log?action=plant&skip=20')),
      );
      answers.forEach(({ text }, n) => {
        expect(text).toContain(n % 2 === 0 ? 'canary-testcorp' : 'canary-globex');
        expect(text).not.toContain(n % 2 === 0 ? 'canary-globex' : 'canary-testcorp');
      });
    });

    it('but shows the platform’s people any tenant, or all that core keeps', async () => {
      const there = { 'x-tenant': 'globex' };
      expect(ids(await page(platform, 'action=plant', there))).toEqual(await planted(theirs.id));
      const all = await app.database.sql<{ id: string }>(
        `select id from core.audit_log where action = 'plant' order by at desc, id desc`,
      );
      const { items, total } = await page(platform, 'action=plant&with_total=true');
      expect(items.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
      expect(total).toBe(69);
      expect(new Set(items.map((entry) => entry.tenant_id))).toEqual(new Set([mine.id, theirs.id, null]));
      expect(
        items.filter((entry) => entry.tenant_id === null).every((entry) => entry['request_id'] === 'canary-platform'),
      ).toBe(true);
    });
  });

  describe('as a file', () => {
    it('has every entry that a list would show, in its order', async () => {
      await app.database
        .at(mine.id)
        .sql(
          `insert into audit_log (organization_id, id, action, resource, request_id) select $1, gen_random_uuid(), 'many', 'many', '=1+1' from generate_series(1, 450)`,
          [mine.id],
        );
      const { headers, text } = await admin.get('/audit-log.csv?action=many,plant');
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
      const [head, ...lines] = text.trim().split('\r\n');
      expect(head).toBe(
        'id,tenant_id,at,actor_id,actor_kind,action,resource,resource_id,outcome,code,layer,reason,changes,request_id,ip,user_agent',
      );
      expect(lines.map((line) => line.split(',')[0])).toEqual(
        await stored(`organization_id = $1 and action in ('many', 'plant')`, [mine.id]),
      );
      expect(text).toContain(`,'=1+1,`);
      expect((await admin.get('/audit-log.csv?limit=3')).status).toBe(422);
    });

    it('goes no further for whoever has lost the permission meanwhile', async () => {
      await app.database.at(theirs.id).sql(
        `insert into audit_log (organization_id, id, action, resource, changes)
         select $1, gen_random_uuid(), 'long', 'long', jsonb_build_object('after', repeat('x', 20000)) from generate_series(1, 3000)`,
        [theirs.id],
      );
      const answer = await fetch(`${app.url}/api/v1/audit-log.csv?action=long`, { headers: neighbour.headers });
      const reader = answer.body?.getReader();
      await reader?.read();
      await app.database.sql(
        `update core.user_tenant_associations set status = 'suspended' where organization_id = $1 and user_id = $2`,
        [theirs.id, theirs.adminId],
      );
      await until(async () => (await neighbour.get('/audit-log')).status === 401);
      const toTheEnd = async (): Promise<void> => {
        while ((await reader?.read())?.done === false);
      };
      // cut in the middle: half a file cannot pass for a whole one
      await expect(toTheEnd()).rejects.toThrow();
      await app.database.sql(
        `update core.user_tenant_associations set status = 'active' where organization_id = $1 and user_id = $2`,
        [theirs.id, theirs.adminId],
      );
      await until(async () => (await neighbour.get('/audit-log')).status === 200);
    });
  });

  describe('tells of refusals', () => {
    const REFUSED = `select organization_id, actor_id, actor_kind, action, resource, resource_id, code, layer, reason, request_id, changes
      from core.audit_log where outcome = 'refused' and request_id like $1 order by at`;
    interface Refused {
      readonly [column: string]: unknown;
    }
    const refusals = (like: string, count: number) => eventually<Refused>(REFUSED, [like], count);

    it('of a missing permission, and shows it to the tenant', async () => {
      const viewer = await app.signIn('viewer@testcorp.com');
      expect((await viewer.get('/audit-log', { 'x-request-id': 'refused-1' })).status).toBe(403);
      const [me] = await app.database.sql<{ id: string }>(
        `select id from core.users where email = 'viewer@testcorp.com'`,
      );
      expect(await refusals('refused-1', 1)).toEqual([
        {
          ...{ organization_id: mine.id, actor_id: me?.id, actor_kind: 'user', action: 'read', resource: 'audit' },
          ...{ resource_id: null, code: 'permission_denied', layer: 'permission', reason: null },
          ...{ request_id: 'refused-1', changes: null },
        },
      ]);
      const { items } = await page(admin, 'outcome=refused&code=permission_denied&request_id=refused-1');
      expect(items).toHaveLength(1);
    });

    it('of another tenant’s name, of a module that is switched off and of a suspended tenant, each with its layer', async () => {
      await neighbour.get('/crm/leads', { 'x-tenant': 'testcorp', 'x-request-id': 'refused-2' });
      expect(await refusals('refused-2', 1)).toMatchObject([
        { organization_id: theirs.id, code: 'tenant_mismatch', layer: 'tenant', action: 'read', resource: 'crm.leads' },
      ]);
      const acme = await app.signIn('admin@acme.com');
      await app.database.sql(
        `update core.organizations set enabled_modules = '{"crm": false}' where tenant_code = 'acme'`,
      );
      await until(async () => (await acme.get('/crm/leads', { 'x-request-id': 'refused-3' })).status === 403);
      expect(await refusals('refused-3', 1)).toMatchObject([
        { layer: 'entitlement', code: 'not_entitled', reason: 'disabled' },
      ]);
      await app.database.sql(`update core.organizations set status = 'suspended' where tenant_code = 'acme'`);
      await until(async () => (await acme.get('/auth/me', { 'x-request-id': 'refused-4' })).status === 403);
      expect(await refusals('refused-4', 1)).toMatchObject([
        { layer: 'tenant', code: 'tenant_suspended', action: 'get', resource: '/api/v1/auth/me' },
      ]);
    });

    it('of a use case, which the guard had let pass', async () => {
      const viewer = await app.signIn('viewer@testcorp.com');
      const { status } = await viewer.get('/crm/leads?is_deleted=true', { 'x-request-id': 'refused-5' });
      expect(status).toBe(403);
      expect(await refusals('refused-5', 1)).toMatchObject([
        {
          organization_id: mine.id,
          actor_kind: 'user',
          action: 'get',
          resource: '/api/v1/crm/leads',
          layer: 'permission',
        },
      ]);
    });

    it('once a minute for each caller, route and code, however often he knocks', async () => {
      const viewer = await app.signIn('viewer@globex.com');
      await Promise.all(
        Array.from({ length: 50 }, (_, n) => viewer.get('/audit-log', { 'x-request-id': `knock-${String(n)}` })),
      );
      await viewer.get('/audit-log.csv', { 'x-request-id': 'knock-csv' });
      expect(await refusals('knock-%', 2)).toHaveLength(2);
      await sleep(100);
      expect(await refusals('knock-%', 2)).toHaveLength(2);
    });

    it('but not of what is answered to nobody, or is no refusal of a layer', async () => {
      await app.anonymous.get('/audit-log', { 'x-request-id': 'quiet-1' });
      await admin.get('/crm/leads/0198a8a2-0000-7000-8000-000000000000', { 'x-request-id': 'quiet-2' });
      await admin.get('/audit-log?nonsense=1', { 'x-request-id': 'quiet-3' });
      await sleep(100);
      expect(await refusals('quiet-%', 0)).toEqual([]);
    });
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 2_000; Date.now() < end;) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error('it did not come about');
}
