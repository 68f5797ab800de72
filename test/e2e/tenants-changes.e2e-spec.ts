import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { checksumsOf } from '../support/oracles.js';
import {
  STARTS_MS,
  eventually,
  freshCode,
  idsOf,
  NOBODY,
  refused,
  tenantsWorld,
  type TenantsWorld,
} from './tenants-world.js';

describe('tenants', () => {
  let world: TenantsWorld;
  let sql: TenantsWorld['sql'];
  let second: TestApp;
  beforeAll(async () => {
    world = await tenantsWorld();
    sql = (text, values) => world.sql(text, values);
    second = await startApp(world.app.database);
  }, STARTS_MS);
  afterAll(async () => {
    await second.close();
    await world.close();
  });

  /** The same caller at the other node. */
  const there = ({ headers }: Client): Client => second.anonymous.with({ ...headers });
  const stored = (id: string) => sql('select * from core.organizations where id = $1', [id]);

  describe('are changed', () => {
    it('by their administrator: name, settings, subdomain, domain', async () => {
      const made = await world.tenant();
      const admin = await world.adminOf(made);
      const body = { tenant_name: 'Site B', settings: { a: [1] }, subdomain: 'Site-B', domain: 'Site-B.example' };
      const { answer, entries } = await world.audited((headers) => admin.patch(`/tenants/${made.id}`, body, headers));
      expect(answer).toMatchObject({ status: 200, body: { ...body, version: made.version + 1 } });
      expect(answer.headers.get('etag')).toBe(`"${String(made.version + 1)}"`);
      expect(entries).toEqual(['update core.organizations']);
      expect(await stored(made.id)).toMatchObject([{ ...body, status: 'active', license_tier: 'free' }]);
      expect((await admin.patch(`/tenants/${made.id}`, { domain: null, subdomain: null })).body).toMatchObject({
        domain: null,
        subdomain: null,
      });
    });

    it('at the version that was read', async () => {
      const { id, version } = await world.tenant();
      const path = `/tenants/${id}`;
      const stale = { 'if-match': `"${String(version - 1)}"` };
      refused(await world.root.patch(path, { tenant_name: 'X' }, stale), 412, 'stale');
      refused(await world.root.patch(path, {}, stale), 412, 'stale');
      refused(await world.root.delete(path, stale), 412, 'stale');
      const { answer, entries } = await world.audited((headers) => world.root.patch(path, {}, headers));
      expect(answer).toMatchObject({ status: 200, body: { version } });
      expect(entries).toEqual([]);
      const now = { 'if-match': `"${String(version)}"` };
      expect((await world.root.patch(path, { tenant_name: 'X' }, now)).status).toBe(200);
      refused(await world.root.patch(path, { tenant_name: 'Y', license_tier: 'starter' }, now), 412, 'stale');
      expect(await stored(id)).toMatchObject([{ tenant_name: 'X', license_tier: 'free' }]);
    });

    it.each<[string, object]>([
      ['status', { status: 'suspended' }],
      ['isolation', { isolation: 'schema' }],
      ['server', { server: 'main' }],
      ['location_id', { location_id: NOBODY }],
      ['epoch', { epoch: 2 }],
      ['admin_email', { admin_email: 'a@b.example' }],
      ['enabled_modules', { enabled_modules: {} }],
      ['domain_verified_at', { domain_verified_at: '2026-01-01T00:00:00.000Z' }],
      ['id', { id: NOBODY }],
      ['tenant_id', { tenant_id: NOBODY }],
      ['version', { version: 7 }],
      ['tenant_name', { tenant_name: null }],
      ['tenant_name', { tenant_name: '' }],
      ['settings', { settings: null }],
      ['domain', { domain: 'nothing' }],
      ['subdomain', { subdomain: 'www' }],
    ])('never: 422 at %s for %j, from whomever', async (path, body) => {
      const before = await stored(world.testcorp.id);
      for (const client of [world.admin, world.root])
        refused(await client.patch(`/tenants/${world.testcorp.id}`, body), 422, 'validation_failed', path);
      expect(await stored(world.testcorp.id)).toEqual(before);
    });

    it('in code and tier by the platform alone', async () => {
      const before = await stored(world.testcorp.id);
      for (const body of [
        { tenant_code: 'mine' },
        { license_tier: 'free' },
        { tenant_name: 'X', license_tier: 'free' },
      ]) {
        const answer = await world.admin.patch(`/tenants/${world.testcorp.id}`, body);
        expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied', required: 'super_admin' } });
      }
      for (const body of [
        { tenant_code: null },
        { license_tier: null },
        { license_tier: 'platinum' },
        { tenant_code: 'www' },
      ])
        refused(
          await world.root.patch(`/tenants/${world.testcorp.id}`, body),
          422,
          'validation_failed',
          Object.keys(body)[0],
        );
      refused(
        await world.root.patch(`/tenants/${world.testcorp.id}`, { tenant_code: 'GLOBEX' }),
        409,
        'conflict',
        'tenant_code',
      );
      const viewer = await world.app.signIn('viewer@testcorp.com');
      refused(await viewer.patch(`/tenants/${world.testcorp.id}`, { status: 1 }), 403, 'permission_denied');
      expect(await stored(world.testcorp.id)).toEqual(before);
    });

    it('in their tier with the subscription and the trials, once for ever, or not at all', async () => {
      const made = await world.tenant({ license_tier: 'starter' });
      const admin = await world.adminOf(made);
      const path = `/tenants/${made.id}`;
      const plan = async () => (await world.root.get(`${path}/subscription`)).body as { plan_code: string };
      const trials = () => sql('select module, ends_at from core.module_trials where organization_id = $1', [made.id]);
      expect(await trials()).toEqual([]);
      refused(await admin.get('/manufacturing/orders'), 403, 'not_entitled');

      const up = await world.audited((headers) => world.root.patch(path, { license_tier: 'professional' }, headers));
      expect(up.answer).toMatchObject({ status: 200, body: { license_tier: 'professional' } });
      expect(up.entries).toEqual(['update core.organizations', 'update core.subscriptions']);
      expect(await plan()).toMatchObject({ plan_code: 'professional', version: 2 });
      for (const client of [admin, there(admin)])
        expect((await eventually(200, () => client.get('/manufacturing/orders'))).status).toBe(200);

      const down = await world.audited((headers) => world.root.patch(path, { license_tier: 'free' }, headers));
      expect(down.entries).toEqual([
        'create core.module_trials',
        'update core.organizations',
        'update core.subscriptions',
      ]);
      const [trial] = await trials();
      expect(trial).toMatchObject({ module: 'crm' });
      await world.root.patch(path, { license_tier: 'starter' });
      const again = await world.audited((headers) => world.root.patch(path, { license_tier: 'free' }, headers));
      expect(again.entries).toEqual(['update core.organizations', 'update core.subscriptions']);
      expect(await trials()).toEqual([trial]);

      const none = await world.audited((headers) =>
        world.root.patch(path, { tenant_name: 'Not this', license_tier: 'platinum' }, headers),
      );
      refused(none.answer, 422, 'validation_failed', 'license_tier', 'not_found');
      expect(none.entries).toEqual([]);
      expect(await plan()).toMatchObject({ plan_code: 'free' });
      expect(await stored(made.id)).toMatchObject([{ license_tier: 'free', tenant_name: made.row.tenant_name }]);
    });

    it('in their code, by which they are then known, and no more by the old one', async () => {
      const made = await world.tenant();
      const old = made.row.tenant_code;
      const named = freshCode();
      expect((await world.root.get('/boards', { 'x-tenant': old })).status).toBe(200);
      expect((await world.root.patch(`/tenants/${made.id}`, { tenant_code: named })).body).toMatchObject({
        tenant_code: named,
      });
      expect((await world.root.get('/boards', { 'x-tenant': named })).status).toBe(200);
      refused(await eventually(404, () => world.root.get('/boards', { 'x-tenant': old })), 404, 'not_found');
      refused(await world.root.get(`/tenants/code/${old}`), 404, 'not_found');
      await world.tenant({ tenant_code: old });
    });

    it('alone: nothing of the neighbours', async () => {
      const before = await checksumsOf(world.app.database, world.globex.id);
      for (const [method, path] of [
        ['PATCH', ''],
        ['DELETE', ''],
        ...['suspend', 'activate', 'restore', 'domain/verify'].map((verb) => ['POST', `/${verb}`]),
        ['PUT', '/entitlements'],
      ] as const) {
        const answer = await world.admin.send(
          method,
          `/tenants/${world.globex.id}${path}`,
          path === '/entitlements' ? { enabled_modules: {} } : {},
        );
        expect([403, 404]).toContain(answer.status);
        expect(answer.text).not.toMatch(/globex/i);
      }
      for (const path of ['', '/entitlements', '/subscription', '/users', '/user-groups', '/menus', '/boards'])
        refused(await world.admin.get(`/tenants/${world.globex.id}${path}`), 404, 'not_found');
      expect(await checksumsOf(world.app.database, world.globex.id)).toEqual(before);
    });
  });

  describe('are suspended', () => {
    it('at once, on every node, until they are activated, and the platform reaches them all the while', async () => {
      const made = await world.tenant();
      const path = `/tenants/${made.id}`;
      const admin = await world.adminOf(made);
      const both = [admin, there(admin)];
      for (const client of both) expect((await client.get('/boards')).status).toBe(200);
      refused(await world.root.post(`${path}/suspend`, undefined, { 'if-match': '"99"' }), 412, 'stale');
      refused(await world.root.post(`${path}/suspend`, { reason: 'x' }), 422, 'validation_failed', 'reason');
      const { answer, entries } = await world.audited((headers) =>
        world.root.post(`${path}/suspend`, undefined, headers),
      );
      expect(answer).toMatchObject({
        status: 200,
        body: { status: 'suspended', is_active: false, version: made.version + 1 },
      });
      expect(answer.headers.get('etag')).toBe(`"${String(made.version + 1)}"`);
      expect(entries).toEqual(['update core.organizations']);
      for (const client of both)
        for (const asked of ['/boards', `/tenants/${made.id}`, '/tenants', '/auth/me'])
          expect(await eventually(403, () => client.get(asked))).toMatchObject({
            status: 403,
            body: { code: 'tenant_suspended', layer: 'tenant' },
          });
      const email = made.row.admin_email;
      refused(
        await world.app.anonymous.post('/auth/login', { email, password: 'password123' }),
        403,
        'tenant_suspended',
      );
      refused(
        await world.app.anonymous.post('/auth/login', { email, password: 'wrong_password' }),
        401,
        'invalid_credentials',
      );

      for (const headers of [{}, { 'x-tenant': made.row.tenant_code }]) {
        expect((await world.root.get(path, headers)).body).toMatchObject({ status: 'suspended' });
        expect((await world.root.patch(path, { tenant_name: 'Shut' }, headers)).status).toBe(200);
        expect((await world.root.get(`${path}/entitlements`, headers)).status).toBe(200);
        expect((await world.root.get(`${path}/subscription`, headers)).status).toBe(200);
      }
      const again = await world.audited((headers) => world.root.post(`${path}/suspend`, undefined, headers));
      expect(again).toMatchObject({ answer: { status: 200, body: { status: 'suspended' } }, entries: [] });

      const back = await world.audited((headers) =>
        world.root.post(`${path}/activate`, undefined, { ...headers, 'x-tenant': made.id }),
      );
      expect(back).toMatchObject({ answer: { status: 200 }, entries: ['update core.organizations'] });
      for (const client of both) expect((await eventually(200, () => client.get('/boards'))).status).toBe(200);
      expect(await world.audited((headers) => world.root.post(`${path}/activate`, undefined, headers))).toMatchObject({
        answer: { status: 200 },
        entries: [],
      });
    });

    it('once by ten at the same time', async () => {
      const { id, version } = await world.tenant();
      const answers = await Promise.all(Array.from({ length: 10 }, () => world.root.post(`/tenants/${id}/suspend`)));
      for (const { status, body } of answers)
        expect({ status, body: body as unknown }).toMatchObject({ status: 200, body: { version: version + 1 } });
    });

    it('by the platform alone, and where they are', async () => {
      for (const verb of ['suspend', 'activate', 'restore']) {
        refused(await world.admin.post(`/tenants/${world.testcorp.id}/${verb}`), 403, 'permission_denied');
        refused(await world.root.post(`/tenants/${NOBODY}/${verb}`), 404, 'not_found');
        refused(await world.root.post(`/tenants/x/${verb}`), 422, 'validation_failed', 'tenant_id');
        refused(
          await world.root.post(`/tenants/${world.testcorp.id}/${verb}?nonsense=1`),
          422,
          'validation_failed',
          'nonsense',
        );
      }
      refused(await world.admin.delete(`/tenants/${world.testcorp.id}`), 403, 'permission_denied');
      expect(await stored(world.testcorp.id)).toMatchObject([{ status: 'active', deleted_at: null }]);
    });
  });

  describe('are deleted', () => {
    it('at once, seen by the platform alone, and come back with all that they had', async () => {
      const made = await world.tenant();
      const path = `/tenants/${made.id}`;
      const admin = await world.adminOf(made);
      const email = made.row.admin_email;
      const both = [admin, there(admin)];
      const board = await admin.post('/boards', { board_code: 'kept', board_name: 'Kept' });
      expect(board.status).toBe(201);
      for (const client of both) expect((await client.get('/boards')).status).toBe(200);
      refused(await world.root.delete(`${path}?hard=true`), 422, 'validation_failed', 'hard');
      const { answer, entries } = await world.audited((headers) => world.root.delete(path, headers));
      expect(answer.status).toBe(204);
      expect(entries).toEqual(['delete core.organizations']);

      for (const client of both)
        for (const asked of ['/boards', path, '/auth/me'])
          refused(await eventually(401, () => client.get(asked)), 401, 'unauthenticated');
      refused(
        await world.app.anonymous.post('/auth/login', { email, password: 'password123' }),
        401,
        'invalid_credentials',
      );
      for (const client of [world.root, there(world.root)])
        for (const named of [made.id, made.row.tenant_code])
          refused(await eventually(404, () => client.get('/boards', { 'x-tenant': named })), 404, 'not_found');
      for (const send of [
        () => world.root.get(path),
        () => world.root.get(`/tenants/code/${made.row.tenant_code}`),
        () => world.root.patch(path, { tenant_name: 'X' }),
        () => world.root.delete(path),
        () => world.root.post(`${path}/suspend`),
        () => world.root.post(`${path}/domain/verify`, { confirm: true }),
        () => world.root.get(`${path}/entitlements`),
        () => world.root.send('PUT', `${path}/entitlements`, { enabled_modules: { crm: true } }),
        () => world.root.get(`${path}/boards`),
        () => world.root.get(`${path}/users`),
      ])
        refused(await send(), 404, 'not_found');
      expect(idsOf(await world.root.get('/tenants?limit=500'))).not.toContain(made.id);
      expect(idsOf(await world.root.get('/tenants?is_deleted=true'))).toContain(made.id);

      const back = await world.audited((headers) => world.root.post(`${path}/restore`, undefined, headers));
      expect(back.answer).toMatchObject({ status: 200, body: { is_deleted: false, is_active: true } });
      expect(back.entries).toEqual(['restore core.organizations']);
      for (const client of both)
        expect((await eventually(200, () => client.get(`/boards/${(board.body as { id: string }).id}`))).status).toBe(
          200,
        );
      expect((await world.app.signIn(email)).headers).toHaveProperty('authorization');
      expect(await world.audited((headers) => world.root.post(`${path}/restore`, undefined, headers))).toMatchObject({
        answer: { status: 200 },
        entries: [],
      });
    });

    it('are answered once for an idempotency key when they come back', async () => {
      const { id } = await world.tenant();
      await world.root.delete(`/tenants/${id}`);
      const key = { 'idempotency-key': randomUUID() };
      const first = await world.root.post(`/tenants/${id}/restore`, undefined, key);
      const again = await world.root.post(`/tenants/${id}/restore`, undefined, key);
      expect(again).toMatchObject({ status: 200, body: first.body as object });
      expect(again.headers.get('idempotency-replayed')).toBe('true');
    });
  });
});
