import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/client.js';
import { type NameServer, nameServer } from '../support/dns.js';
import { exchange, hangUp } from '../support/oracles-exchange.js';
import { type Made, refused, tenantsWorld, type TenantsWorld } from './tenants-world.js';

/** Longer than a host that named nobody is remembered, in milliseconds. */
const SOON = 4_000;

describe("a tenant's domain", () => {
  let world: TenantsWorld;
  let server: NameServer;
  beforeAll(async () => {
    world = await tenantsWorld();
    server = await nameServer();
  });
  afterAll(async () => {
    server.close();
    hangUp();
    await world.close();
  });

  const path = ({ id }: Made) => `/tenants/${id}/domain/verify`;
  const verifiedAt = async ({ id }: Made) => {
    const [row] = await world.sql<{ at: Date | null }>(
      'select domain_verified_at as at from core.organizations where id = $1',
      [id],
    );
    return row?.at ?? null;
  };
  /** What the refusal asks for. */
  const wanted = async (made: Made): Promise<{ name: string; text: string }> => {
    const answer = await world.root.post(path(made), {});
    refused(answer, 422, 'validation_failed', 'domain', 'not_verified');
    const [, name = '', text = ''] = /TXT record at (\S+) with the text (\S+),/.exec(answer.text) ?? [];
    return { name, text };
  };
  /** The status of signing in at a host, in the end. */
  const signIn = async (host: string, status: number): Promise<number> => {
    const send = () =>
      exchange(world.app.url, {
        method: 'POST',
        path: '/api/v1/auth/login',
        headers: { host },
        body: { username: 'admin', password: PASSWORD },
      });
    let received = await send();
    for (const until = Date.now() + SOON; received?.status !== status && Date.now() < until;) received = await send();
    return received?.status ?? 0;
  };

  it('is proved by the record that the refusal names, and by no other', async () => {
    const made = await world.tenant({ domain: 'Proved.example' });
    const admin = await world.adminOf(made);
    const { name, text } = await wanted(made);
    expect(name).toBe('_tenantry.proved.example');
    expect(text).toMatch(/^tenantry-verification=[0-9a-f]{32}$/);
    expect(await wanted(made)).toEqual({ name, text });
    for (const others of [['something else'], [`${text}0`], [text.toUpperCase()], ['x'.repeat(600)]]) {
      server.records.set(name, others);
      refused(await admin.post(path(made), {}), 422, 'validation_failed', 'domain', 'not_verified');
    }
    expect(await verifiedAt(made)).toBeNull();
    expect(server.asked).toContain(name);

    server.records.set(name, ['v=spf1 -all', text]);
    const { answer, entries } = await world.audited((headers) => admin.post(path(made), {}, headers));
    expect(answer).toMatchObject({ status: 200, body: { domain: 'Proved.example', version: made.version + 1 } });
    expect(answer.headers.get('etag')).toBe(`"${String(made.version + 1)}"`);
    expect(entries).toEqual(['update core.organizations']);
    expect(await verifiedAt(made)).toBeInstanceOf(Date);
    const again = await world.audited((headers) => admin.post(path(made), {}, headers));
    expect(again).toMatchObject({ answer: { status: 200, body: answer.body as object }, entries: [] });
  });

  it('is proved by a record of its own: another tenant cannot use it', async () => {
    const one = await world.tenant({ domain: 'contested.example' });
    const other = await world.tenant({ domain: 'contested.example' });
    const { name, text } = await wanted(one);
    expect((await wanted(other)).text).not.toBe(text);
    server.records.set(name, [text]);
    refused(await world.root.post(path(other), {}), 422, 'validation_failed', 'domain', 'not_verified');
    expect((await world.root.post(path(one), {})).status).toBe(200);
    server.records.set(name, [(await wanted(other)).text]);
    refused(await world.root.post(path(other), {}), 409, 'conflict', 'domain', 'taken');
    expect(await verifiedAt(other)).toBeNull();
  });

  it('is confirmed outright by the platform alone', async () => {
    const made = await world.tenant({ domain: 'confirmed.example' });
    const admin = await world.adminOf(made);
    expect(await admin.post(path(made), { confirm: true })).toMatchObject({
      status: 403,
      body: { code: 'permission_denied', required: 'super_admin' },
    });
    for (const body of [{ confirm: 'yes' }, { nonsense: 1 }])
      refused(await admin.post(path(made), body), 422, 'validation_failed', Object.keys(body)[0]);
    expect(await verifiedAt(made)).toBeNull();
    expect((await world.root.post(path(made), { confirm: true })).status).toBe(200);
    expect(await verifiedAt(made)).toBeInstanceOf(Date);
    const viewer = await world.app.signIn('viewer@testcorp.com');
    refused(await viewer.post(`/tenants/${world.testcorp.id}/domain/verify`, {}), 403, 'permission_denied');
    refused(await world.stranger.post(path(made), {}), 404, 'not_found');
    refused(await world.root.post(path(await world.tenant()), { confirm: true }), 409, 'conflict');
  });

  it('is proved no more once it is another, and still when it is written in another case', async () => {
    const made = await world.tenant({ domain: 'first.example' });
    const tenant = `/tenants/${made.id}`;
    await world.root.post(path(made), { confirm: true });
    const at = await verifiedAt(made);
    await world.root.patch(tenant, { domain: 'FIRST.example', tenant_name: 'Renamed' });
    await world.root.patch(tenant, { tenant_name: 'Renamed again' });
    expect(await verifiedAt(made)).toEqual(at);
    const { answer, entries } = await world.audited((headers) =>
      world.root.patch(tenant, { domain: 'second.example' }, headers),
    );
    expect(answer).toMatchObject({ status: 200, body: { domain_verified_at: null } });
    expect(entries).toEqual(['update core.organizations']);
    expect(await verifiedAt(made)).toBeNull();
    await world.root.post(path(made), { confirm: true });
    expect((await world.root.patch(tenant, { domain: null })).body).toMatchObject({ domain_verified_at: null });
  });

  it('never keeps a proof that another change took away at the same time', async () => {
    const made = await world.tenant({ domain: 'raced-a.example' });
    const tenant = `/tenants/${made.id}`;
    for (let round = 0; round < 10; round++) {
      await world.root.patch(tenant, { domain: 'raced-a.example' });
      await Promise.all([
        world.root.post(path(made), { confirm: true }),
        world.root.patch(tenant, { domain: 'raced-b.example' }),
        world.root.post(path(made), { confirm: true }),
        world.root.patch(tenant, { domain: 'raced-a.example' }),
      ]);
      // by their ids, which are made behind the lock: a transaction that waited for it began before the one it followed
      const [log] = await world.sql<{ proved: string | null }>(
        `select (select d.changes -> 'after' ->> 'domain' from core.audit_log d where d.resource_id = $1 and d.changes -> 'after' ? 'domain'
           and d.id < v.id order by d.id desc limit 1) as proved
         from core.audit_log v where v.resource_id = $1 and v.changes -> 'after' ->> 'domain_verified_at' is not null order by v.id desc limit 1`,
        [made.id],
      );
      const { body } = await world.root.get(tenant);
      const { domain, domain_verified_at: at } = body as { domain: string; domain_verified_at: string | null };
      if (at !== null) expect(domain).toBe(log?.proved);
    }
  });

  it('names the tenant to whoever signs in there, once it is proved and until it is given up', async () => {
    const made = await world.tenant({ domain: 'Login.example' });
    await world.adminOf(made);
    await world.sql(`update core.users set username = 'admin' where organization_id = $1`, [made.id]);
    expect(await signIn('login.example', 422)).toBe(422);
    await world.root.post(path(made), { confirm: true });
    expect(await signIn('LOGIN.example:8080', 200)).toBe(200);
    await world.root.patch(`/tenants/${made.id}`, { domain: 'elsewhere.example' });
    expect(await signIn('login.example', 422)).toBe(422);
    expect(await signIn('elsewhere.example', 422)).toBe(422);
  });
});
