import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { S3 } from '../support/s3.js';
import { Server } from '../support/server.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { type Tenant, tenantOf } from '../support/tenants.js';
import { environmentOf } from '../integration/cli/cli.js';

const { directory: RUN } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };
/** `npm run test:crash` alone: a node that has died is missed after a while. */
const trial = process.env['CRASH_ROUNDS'] === undefined ? describe.skip : describe;
const ROUND_MS = 120_000;
const SOON_MS = 60_000;
const FOUND_MS = 90_000;

trial('kill -9 of the node that makes an export', () => {
  let database: TestDatabase;
  let tenant: Tenant;
  let s3: S3;
  let proxy: TcpProxy;
  let environment: Record<string, string>;
  beforeAll(async () => {
    database = await freshDatabase();
    tenant = await tenantOf(database, 'testcorp');
    s3 = await S3.start();
    proxy = await TcpProxy.before(s3.url);
    environment = { DATA_DIR: await mkdtemp(join(RUN, 'exports-crash-')), ...environmentOf(database) };
  }, ROUND_MS);
  afterAll(async () => {
    await proxy.close();
    await s3.close();
    await database.drop();
  });

  const until = async (done: () => Promise<boolean>, withinMs: number): Promise<void> => {
    for (const end = Date.now() + withinMs; Date.now() < end;) {
      if (await done()) return;
      await sleep(100);
    }
    throw new Error('it did not come to pass');
  };
  /** Stops the node at a point of its work. @returns what tells that it is there, and what lets others pass */
  const points = {
    archiving: async () => {
      const url = new URL(database.urls.superuser);
      url.pathname = `/${tenant.placement.database}`;
      const client = new pg.Client(url.href);
      await client.connect();
      await client.query(`begin; lock table ${tenant.placement.schema}.boards in access exclusive mode`);
      const waits = `select from pg_stat_activity where application_name = 'tenantry move' and wait_event_type = 'Lock'`;
      return {
        isThere: async () => (await database.sql(waits)).length > 0,
        release: async () => {
          await client.query('rollback');
          await client.end();
        },
      };
    },
    storing: async () => {
      const before = proxy.accepted;
      proxy.silence();
      return {
        isThere: async () => proxy.accepted > before,
        release: async () => {
          proxy.forward();
        },
      };
    },
  };

  it.each(Object.keys(points) as (keyof typeof points)[])(
    'while it is %s: another node ends it, and nothing is left of the first attempt',
    async (point) => {
      const stored = s3.environment(proxy.url.replace(/\/$/, ''));
      const first = await Server.start(environment['DATA_DIR'] ?? '', { ...environment, ...stored });
      const admin = await first.client.signIn('admin@testcorp.com');
      const { isThere, release } = await points[point]();
      const path = `/tenants/${tenant.id}/exports`;
      const asked = await admin.post(path);
      expect(asked.status).toBe(202);
      const { id } = asked.body as { id: string };
      await until(isThere, SOON_MS);
      await first.killNode();
      await release();
      expect(await database.sql('select status from core.exports where id = $1', [id])).toEqual([
        { status: 'running' },
      ]);

      const second = await startApp(database, { ...environment, ...s3.environment() });
      try {
        const again = await second.signIn('admin@testcorp.com');
        const row = async () => (await again.get(`${path}/${id}`)).body as { status: string; checksum: string };
        await until(async () => (await row()).status === 'ready', FOUND_MS);
        const { checksum } = await row();
        expect((await again.get(`${path}/${id}/download`)).status).toBe(200);
        expect((await s3.keys()).filter((key) => key.includes(id))).toEqual([
          `tenants/${tenant.id}/exports/${id}/${checksum}.archive`,
        ]);
        expect(await readdir(join(environment['DATA_DIR'] ?? '', 'exports'))).toEqual([]);
      } finally {
        await second.close();
      }
    },
    ROUND_MS,
  );
});
