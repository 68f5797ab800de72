import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { archives, ExportJobs, storage } from '../support/dist.js';
import { S3 } from '../support/s3.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { rowsOf } from '../support/oracles.js';
import { environmentOf, tenantry } from '../integration/cli/cli.js';
import { freshCode, NOBODY, refused, STARTS_MS, tenantsWorld, type TenantsWorld } from './tenants-world.js';

interface ExportBody {
  readonly id: string;
  readonly tenant_id: string;
  readonly status: string;
  readonly version: number;
  readonly size_bytes: number | null;
  readonly checksum: string | null;
  readonly expires_at: string | null;
  readonly error: string | null;
  readonly created_at: string;
}
const MADE_MS = 30_000;
const DAY_MS = 86_400_000;

describe.each(['disk', 's3'] as const)('exports of a tenant, stored on %s', (kind) => {
  let s3: S3 | undefined;
  /** Stands before it. */
  let proxy: TcpProxy | undefined;
  let world: TenantsWorld;
  let path: string;
  beforeAll(async () => {
    s3 = kind === 's3' ? await S3.start() : undefined;
    proxy = s3 && (await TcpProxy.before(s3.url));
    world = await tenantsWorld(s3?.environment(proxy?.url.replace(/\/$/, '')));
    path = `/tenants/${world.testcorp.id}/exports`;
    await files().put('files/a', Readable.from([Buffer.from('a stored file')]));
  }, STARTS_MS);
  afterAll(async () => {
    await world.close();
    await proxy?.close();
    await s3?.close();
  });

  const files = () => world.app.app.get(storage.PlatformStorage).of(world.testcorp.id);
  const storedKeys = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of files().list('exports')) keys.push(key);
    return keys;
  };
  const keysOf = async (id: string) => (await storedKeys()).filter((key) => key.includes(id));
  const ended = async (id: string, client: Client = world.admin): Promise<ExportBody> => {
    for (const until = Date.now() + MADE_MS; Date.now() < until;) {
      const { body } = await client.get(`${path}/${id}`);
      if (!/^(queued|running)$/.test((body as ExportBody).status)) return body as ExportBody;
      await sleep(50);
    }
    throw new Error('the export was not made');
  };
  const made = async (client: Client = world.admin): Promise<ExportBody> => {
    const { status, body } = await client.post(path);
    expect(status).toBe(202);
    return ended((body as ExportBody).id, client);
  };
  const bytesOf = async (url: string, client: Client = world.admin) => {
    const response = await fetch(`${world.app.url}/api/v1${url}`, { headers: client.headers });
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  };

  /** A process takes its time: once is enough. */
  const restoredAs = async (code: string, file: string): Promise<{ id: string; files: number }> => {
    const restores = world.app.app.get(archives.TenantRestores);
    if (kind === 's3') return restores.restore(file, { as: code, isolation: 'shared' });
    const env = { ...environmentOf(world.app.database), ...world.app.environment };
    const args = ['tenant:restore', '--file', file, '--as', code, '--isolation', 'shared', '--json'];
    const { document, err } = await tenantry(args, { env });
    expect(err).toBe('');
    return document() as { id: string; files: number };
  };

  it('are asked for, made, downloaded, and restored beside the tenant', async () => {
    const { answer, entries } = await world.audited((headers) => world.admin.post(path, undefined, headers));
    expect({ status: answer.status, body: answer.body as unknown }).toMatchObject({
      status: 202,
      body: { tenant_id: world.testcorp.id, status: expect.stringMatching(/queued|running/), checksum: null },
    });
    expect(entries).toEqual(['create core.exports']);
    const { id } = answer.body as ExportBody;
    expect(answer.headers.get('location')).toBe(`/api/v1${path}/${id}`);

    const row = await ended(id);
    expect(row).toMatchObject({ status: 'ready', error: null });
    expect(new Date(row.expires_at ?? '').getTime()).toBeGreaterThan(Date.now() + 6.9 * DAY_MS);
    const { response, bytes } = await bytesOf(`${path}/${id}/download`);
    const day = row.created_at.slice(0, 10).replaceAll('-', '');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="testcorp-${day}.archive"`,
      'content-length': String(row.size_bytes),
      etag: `"${String(row.checksum)}"`,
      'cache-control': 'no-store',
    });
    expect(bytes.length).toBe(row.size_bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(row.checksum);

    const file = join(tmpdir(), `${id}.archive`);
    await writeFile(file, bytes);
    const code = freshCode();
    const restored = await restoredAs(code, file);
    expect(restored.files).toBe(1);
    const users = await world.sql('select from core.users where organization_id = $1', [world.testcorp.id]);
    expect(await world.sql('select from core.users where organization_id = $1', [restored.id])).toHaveLength(
      users.length,
    );
    expect(await world.sql('select from core.exports where organization_id = $1', [restored.id])).toEqual([]);
  });

  it('tell in the log who downloaded one, and of nobody who has it', async () => {
    const { id, checksum } = await made();
    const url = `${path}/${id}/download`;
    const download = (more: object) => (headers: Record<string, string>) =>
      world.admin.send('GET', url, undefined, { ...headers, ...more });
    const taken = await world.audited(download({}));
    expect([taken.answer.status, taken.entries]).toEqual([200, ['download core.exports']]);
    const known = await world.audited(download({ 'if-none-match': `"${String(checksum)}"` }));
    expect([known.answer.status, known.answer.text, known.entries]).toEqual([304, '', []]);
    const head = await world.audited((headers) => world.admin.send('HEAD', url, undefined, headers));
    expect([head.answer.status, head.entries]).toEqual([200, []]);
    expect(head.answer.headers.get('etag')).toBe(`"${String(checksum)}"`);
  });

  it('are one at a time, and the same for a repeated key', async () => {
    const release = await held(world);
    const key = { 'idempotency-key': `export-${kind}` };
    const first = await world.admin.post(path, undefined, key);
    expect(first.status).toBe(202);
    const { id } = first.body as ExportBody;
    const again = await world.admin.post(path, undefined, key);
    expect([again.status, (again.body as ExportBody).id]).toEqual([202, id]);
    const second = await world.admin.post(path);
    refused(second, 409, 'conflict');
    expect((second.body as { detail: string }).detail).toBe('An export of this tenant is being made: one at a time.');
    refused(await world.admin.get(`${path}/${id}/download`), 409, 'conflict');
    await release();
    expect((await ended(id)).status).toBe('ready');
    expect((await made()).id).not.toBe(id);
  });

  it('are of whoever manages the tenant, and of the platform', async () => {
    const { id } = await made();
    const viewer = await world.app.anonymous.with({ 'x-tenant': 'testcorp' }).signIn('viewer@testcorp.com');
    const before = await rowsOf(world.app.database, world.testcorp.id);
    for (const url of [path, `${path}/${id}`, `${path}/${id}/download`]) {
      refused(await world.stranger.get(url), 404, 'not_found');
      refused(await viewer.get(url), 403, 'permission_denied');
      expect((await world.app.anonymous.get(url)).status).toBe(401);
    }
    refused(await world.stranger.post(path), 404, 'not_found');
    refused(await viewer.post(path), 403, 'permission_denied');
    const own = `/tenants/${world.globex.id}/exports`;
    refused(await world.stranger.get(`${own}/${id}`), 404, 'not_found');
    refused(await world.stranger.get(`${own}/${id}/download`), 404, 'not_found');
    expect(((await world.stranger.get(own)).body as { items: unknown[] }).items).toEqual([]);
    refused(await world.admin.get(`${path}/${NOBODY}/download`), 404, 'not_found');
    const changed = [...(await rowsOf(world.app.database, world.testcorp.id))].filter(
      ([name, hash]) => before.get(name) !== hash && !name.startsWith('core.audit_log'),
    );
    expect(changed).toEqual([]);
    expect((await bytesOf(`${path}/${id}/download`, world.root)).response.status).toBe(200);
    expect((await world.root.get(`${path}?status=ready&limit=1`)).body).toMatchObject({ items: [{ status: 'ready' }] });
  });

  it('are removed when their time is over, and cannot be had from that moment on', async () => {
    const { id, checksum } = await made();
    expect(await storedKeys()).toContain(`exports/${id}/${String(checksum)}.archive`);
    await world.sql(`update core.exports set expires_at = now() - interval '1 second' where id = $1`, [id]);
    refused(await world.admin.get(`${path}/${id}/download`), 404, 'not_found');
    expect((await world.admin.get(`${path}/${id}`)).body).toMatchObject({ status: 'expired' });
    await world.app.app.get(ExportJobs).tidy();
    expect(await world.sql('select status from core.exports where id = $1', [id])).toEqual([{ status: 'expired' }]);
    expect(await keysOf(id)).toEqual([]);
  });

  it('whose job was lost are asked for again, and given up after a day', async () => {
    const queued = async (age: string): Promise<string> => {
      const [row] = await world.sql<{ id: string }>(
        `insert into core.exports (id, organization_id, status, created_at) values (gen_random_uuid(), $1, 'running', now() - $2::interval) returning id`,
        [world.testcorp.id, age],
      );
      return row?.id ?? '';
    };
    const lost = await queued('1 hour');
    await files().put(`exports/${lost}/half.archive`, Readable.from([Buffer.from('of an attempt that died')]));
    await world.app.app.get(ExportJobs).tidy();
    expect(await ended(lost)).toMatchObject({ status: 'ready' });
    // it is ready before what others have stored of it goes
    for (const until = Date.now() + MADE_MS; (await keysOf(lost)).length > 1 && Date.now() < until;) await sleep(50);
    expect(await keysOf(lost)).toHaveLength(1);
    const old = await queued('25 hours');
    await files().put(`exports/${old}/half.archive`, Readable.from([Buffer.from('of an attempt that died')]));
    await world.app.app.get(ExportJobs).tidy();
    expect(await ended(old)).toMatchObject({ status: 'failed', error: 'It was not finished within a day.' });
    expect(await keysOf(old)).toEqual([]);
    refused(await world.admin.get(`${path}/${old}/download`), 409, 'conflict');
  });

  if (kind === 's3')
    it('wait for a storage that is away', async () => {
      const { id } = await made();
      proxy?.refuse();
      const { answer, entries } = await world.audited((headers) =>
        world.admin.send('GET', `${path}/${id}/download`, undefined, headers),
      );
      refused(answer, 503, 'unavailable');
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(entries).toEqual([]);
      const { body } = await world.admin.post(path);
      await sleep(500);
      proxy?.forward();
      expect(await ended((body as ExportBody).id)).toMatchObject({ status: 'ready' });
    });

  it('leave nothing open of clients who go away', async () => {
    const bytes = Buffer.alloc(6_000_000, 'x');
    const checksum = createHash('sha256').update(bytes).digest('hex');
    const [row] = await world.sql<{ id: string }>(
      `insert into core.exports (id, organization_id, status, size_bytes, checksum, expires_at)
       values (gen_random_uuid(), $1, 'ready', $2, $3, now() + interval '1 day') returning id`,
      [world.testcorp.id, bytes.length, checksum],
    );
    const id = row?.id ?? '';
    await files().put(`exports/${id}/${checksum}.archive`, Readable.from([bytes]));
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let time = 0; time < 20; time++) {
      const sent = request(`${world.app.url}/api/v1${path}/${id}/download`, { headers: world.admin.headers }).end();
      const [response] = (await once(sent, 'response')) as [Readable];
      if (time % 2 === 0) await once(response, 'data');
      sent.destroy();
    }
    for (const until = Date.now() + 10_000; open() > before + 4 && Date.now() < until;) await sleep(50);
    expect(open()).toBeLessThanOrEqual(before + 4);
    expect((await bytesOf(`${path}/${id}/download`)).bytes.equals(bytes)).toBe(true);
  });
});

it(
  'an export waits for a node that may read tenants as a whole',
  async () => {
    const without = await tenantsWorld({ DATABASE_MOVER_URL: '' });
    const path = `/tenants/${without.testcorp.id}/exports`;
    const { id } = (await without.admin.post(path)).body as ExportBody;
    const status = async () => ((await without.admin.get(`${path}/${id}`)).body as ExportBody).status;
    // longer than a node goes without looking for work
    await sleep(2_500);
    expect(await status()).toBe('queued');
    const other = await startApp(without.app.database);
    for (const until = Date.now() + MADE_MS; (await status()) !== 'ready' && Date.now() < until;) await sleep(50);
    expect((await without.admin.get(`${path}/${id}/download`)).status).toBe(200);
    await other.close();
    await without.close();
  },
  STARTS_MS,
);

/** Keeps an export from getting further than the tenant's first rows. @returns what lets it go on */
async function held({ app, testcorp: { placement } }: TenantsWorld): Promise<() => Promise<void>> {
  const url = new URL(app.database.urls.superuser);
  url.pathname = `/${placement.database}`;
  const client = new pg.Client(url.href);
  await client.connect();
  await client.query(`begin; lock table ${placement.schema}.boards in access exclusive mode`);
  return async () => {
    await client.query('rollback');
    await client.end();
  };
}
