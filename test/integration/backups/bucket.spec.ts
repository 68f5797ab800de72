import { mkdtempSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../../support/app.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { changedRows, checksumsOf } from '../../support/oracles.js';
import { loadConfig, storage } from '../../support/dist.js';
import { S3 } from '../../support/s3.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { environmentOf, type Ran, tenantry } from '../cli/cli.js';

const { directory: RUN } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };
const LONG = 60_000;
const KEY = /^platform\/backups\/(\d{8}T\d{9}Z)\/(.*)$/;
interface Told {
  readonly code: string;
  readonly status?: string;
  readonly error?: string;
}
const tenantsOf = ({ document }: Ran): Told[] => (document() as { tenants: Told[] }).tenants;

describe('backups in a bucket', () => {
  let s3: S3;
  /** Stands before it. */
  let proxy: TcpProxy;
  let bucket: InstanceType<typeof storage.ObjectStore>;
  let database: TestDatabase;
  beforeAll(async () => {
    s3 = await S3.start();
    proxy = await TcpProxy.before(s3.url);
    bucket = await storage.openStore(loadConfig({ ENVIRONMENT: 'test', ...s3.environment() }));
    database = await freshDatabase();
  }, LONG);
  afterAll(async () => {
    await database.drop();
    bucket.close();
    await proxy.close();
    await s3.close();
  });

  const newDisk = () => mkdtempSync(join(RUN, 'node-'));
  /** On a node whose disk is new: what it finds is in the bucket. */
  const run = async (...args: string[]) => {
    const disk = newDisk();
    const s3Environment = s3.environment(proxy.url.replace(/\/$/, ''));
    const env = { ...environmentOf(database), ...s3Environment, DATA_DIR: disk };
    const ran = await tenantry([...args, '--json'], { env });
    const left = await readdir(join(disk, 'backups')).catch(() => []);
    expect(left).toEqual([]);
    return ran;
  };
  const names = async () => [...new Set((await s3.keys()).flatMap((key) => KEY.exec(key)?.[1] ?? []))];
  const filesOf = async (name: string) =>
    (await s3.keys()).flatMap((key) => (KEY.exec(key)?.[1] === name ? [KEY.exec(key)?.[2] ?? ''] : []));

  it(
    'are made, tried and put back by nodes that share nothing else, and nothing of them stays on their disks',
    async () => {
      const made = await run('backup');
      expect(made).toMatchObject({ code: 0, err: '' });
      const { name, dir } = made.document() as { name: string; dir: string };
      expect(dir).toBe(`s3://tenantry-test/platform/backups/${name}`);
      const codes = tenantsOf(made).map(({ code }) => code);
      expect(codes).toContain('testcorp');
      expect((await filesOf(name)).map((file) => file.replace(/_[0-9a-f]{8}\.archive$/, ''))).toEqual([
        ...codes.slice(0, 1),
        'backup.json',
        ...codes.slice(1, 3),
        'platform.archive',
        ...codes.slice(3),
      ]);
      const tried = await run('backup:verify');
      expect(tried).toMatchObject({ code: 0, err: '' });
      expect(tenantsOf(tried)).toHaveLength(codes.length);

      const [{ id } = { id: '' }] = await database.sql<{ id: string }>(
        `update core.organizations set deleted_at = now() where tenant_code = 'testcorp' returning id`,
      );
      const before = await checksumsOf(database, id);
      await database.sql('delete from shared.crm_leads where organization_id = $1', [id]);
      const restored = await run('tenant:restore', 'TestCorp', '--backup');
      expect(restored.document()).toMatchObject({ ok: true, id, tenant_code: 'testcorp' });
      expect(changedRows(before, await checksumsOf(database, id), /^shared\.crm_/)).toEqual([]);
      expect(tenantsOf(await run('restore', name)).map(({ status }) => status)).toEqual(codes.map(() => 'there'));
      const unknown = await run('tenant:restore', 'nobody', '--backup', name);
      expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('There are: acme, globex') });
      expect(await run('tenant:restore', 'testcorp')).toMatchObject({ code: 2 });
    },
    LONG,
  );

  it(
    'are kept as many as are wanted, and fail as a whole while the bucket is away',
    async () => {
      const before = await names();
      const made = (await run('backup', '--keep', '1')).document() as { name: string; removed: string[] };
      expect(made.removed).toEqual(before);
      expect(await names()).toEqual([made.name]);
      proxy.refuse();
      expect(await run('backup', '--keep', '1')).toMatchObject({
        ...{
          code: 1,
          err: expect.stringMatching(/The storage cannot be reached just now: (connect|read|write) ECONNRESET/),
        },
      });
      proxy.forward();
      expect(await names()).toEqual([made.name]);
    },
    LONG,
  );

  it(
    'are named where they are damaged, and are none without their manifest',
    async () => {
      const [name = ''] = await names();
      const file = (await filesOf(name)).find((each) => each.startsWith('acme')) ?? '';
      const key = `platform/backups/${name}/${file}`;
      await bucket.put(key, Readable.from([Buffer.from('another archive')]));
      const tried = await run('backup:verify', name);
      expect(tried.code).toBe(1);
      expect(tenantsOf(tried).filter(({ error }) => error)).toEqual([expect.objectContaining({ code: 'acme' })]);
      expect(await run('restore', name)).toMatchObject({ code: 1, err: expect.stringMatching(/archive/) });
      await bucket.delete(`platform/backups/${name}/backup.json`);
      expect(await run('restore', name)).toMatchObject({ code: 2, err: expect.stringContaining('s3://tenantry-test') });
    },
    LONG,
  );

  it(
    'are made at night by whichever node has the job',
    async () => {
      const disk = newDisk();
      const app = await startApp(database, {
        ...{ ...s3.environment(), DATA_DIR: disk, BACKUP_SCHEDULE: '0 0 1 1 *', BACKUP_KEEP: '1' },
      });
      const before = await names();
      await database.sql(
        `insert into pgboss.job (name, policy, retry_limit, expire_seconds) values ('backups.make', 'exclusive', 0, 900)`,
      );
      const state = async () =>
        (await database.sql<{ state: string }>(`select state::text from pgboss.job where name = 'backups.make'`))[0];
      for (const until = Date.now() + 30_000; (await state())?.state !== 'completed' && Date.now() < until;)
        await sleep(100);
      const after = await names();
      expect(await state()).toEqual({ state: 'completed' });
      expect(after.filter((name) => !before.includes(name))).toHaveLength(1);
      expect(await readdir(join(disk, 'backups'))).toEqual([]);
      await app.app.close();
    },
    LONG,
  );
});
