import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../../support/app.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { AppModule, jobs as jobsModule, loadConfig, nest, tenancy } from '../../support/dist.js';
import { Server } from '../../support/server.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';
import { makeWorld, until, type World } from './world.js';

const KINDS = fileURLToPath(new URL('kinds.mjs', import.meta.url));
/** `npm run test:jobs`: half a minute until a node that was killed is missed. */
const trial = process.env['JOBS_TRIAL'] === undefined ? it.skip : it;

describe('the program that does jobs', () => {
  let database: TestDatabase;
  let folder: string;
  let tenant: Tenant;
  beforeAll(async () => {
    database = await freshDatabase();
    folder = await mkdtemp(join(tmpdir(), 'tenantry-jobs-'));
    tenant = await tenantOf(database, 'testcorp');
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const startServer = () =>
    Server.start(folder, {
      NODE_OPTIONS: `--import=${KINDS}`,
      DATABASE_URL: database.urls.owner,
      DATABASE_APP_URL: database.urls.app,
      DATABASE_PLATFORM_URL: database.urls.platform,
    });
  const put = async (note: string, ms: number): Promise<string> => {
    const [row] = await database.sql<{ id: string }>(
      `insert into pgboss.job (name, data, group_id, singleton_key, policy, retry_limit, heartbeat_seconds)
       select 'test.takes', jsonb_build_object('organizationId', $1::text, 'epoch', 1, 'payload', jsonb_build_object('ms', $3::int, 'note', $2::text)),
         $1, $1 || '/' || $2, 'exclusive', retry_limit, heartbeat_seconds from pgboss.queue where name = 'test.takes' returning id`,
      [tenant.id, note, ms],
    );
    return row?.id ?? '';
  };
  const stateOf = async (id: string): Promise<string | undefined> =>
    (await database.sql<{ state: string }>('select state from pgboss.job where id = $1', [id]))[0]?.state;
  const is = (id: string, state: string) => async () => (await stateOf(id)) === state;

  it('does at SIGTERM what it has begun, and ends with 0', async () => {
    const server = await startServer();
    const id = await put('short', 1_500);
    await until(is(id, 'active'));
    expect(await server.stop()).toBe(0);
    expect(server.log).toContain(`done short of ${tenant.id} at attempt 1`);
    expect(await stateOf(id)).toBe('completed');
  }, 60_000);

  trial(
    'ends within 10 s of SIGTERM, and what does not is another’s at once',
    async () => {
      const first = await startServer();
      const id = await put('long', 60_000);
      await until(is(id, 'active'));
      const since = performance.now();
      expect(await first.stop()).toBe(0);
      expect(performance.now() - since).toBeLessThan(10_000);
      expect(await stateOf(id)).toBe('retry');
      const second = await startServer();
      await until(is(id, 'active'));
      await database.sql('delete from pgboss.job where id = $1', [id]);
      expect(await second.stop()).toBe(0);
    },
    90_000,
  );

  trial(
    'that is killed has its job done by another within a minute',
    async () => {
      const first = await startServer();
      const id = await put('survivor', 120_000);
      await until(is(id, 'active'));
      const second = await startServer();
      await database.sql(`update pgboss.job set data = jsonb_set(data, '{payload,ms}', '10') where id = $1`, [id]);
      await first.killNode();
      const since = performance.now();
      await until(is(id, 'completed'), 90_000);
      expect(performance.now() - since).toBeLessThan(60_000);
      expect(second.log).toContain(`done survivor of ${tenant.id} at attempt 2`);
      // what pg-boss does by itself has failed at nothing
      expect(second.log).not.toContain('the queue:');
      await second.stop();
    },
    180_000,
  );
});

describe('nodes of one database', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let one: World;
  let other: TestApp;
  beforeAll(async () => {
    database = await freshDatabase();
    proxy = await TcpProxy.before(database.urls.platform);
    one = await makeWorld({ ...database, urls: { ...database.urls, platform: proxy.url } });
    other = await startApp(database);
  });
  afterAll(async () => {
    await Promise.all([one.app.close(), other.close()]);
    await proxy.close();
    await database.drop();
  });

  const queueOf = async (app: TestApp): Promise<unknown> => {
    const { body } = await app.anonymous.get('//health/ready');
    return (body as { checks: Record<string, string> }).checks['queue'];
  };

  it('do scheduled work once, whoever of them does it', async () => {
    const kind = one.newKind();
    let times = 0;
    const work = (): Promise<void> => {
      times++;
      return Promise.resolve();
    };
    const justNow = new Date(Date.now() - 2_000);
    const at = [justNow.getUTCSeconds(), justNow.getUTCMinutes(), justNow.getUTCHours(), '* * *'].join(' ');
    for (const { app } of [one.app, other]) app.get(jobsModule.Jobs).schedule(kind, at, work);
    await until(async () => (await database.sql('select from pgboss.schedule where name = $1', [kind])).length === 1);
    // each node looks twice a minute, and a new one at once
    await database.sql('update pgboss.version set cron_on = null');
    const third = await startApp(database);
    const jobs = () => database.sql('select state from pgboss.job where name = $1', [kind]);
    await until(async () => (await jobs()).length > 0 && times > 0);
    await third.close();
    await until(async () => JSON.stringify(await jobs()) === '[{"state":"completed"}]');
    expect(times).toBe(1);
  });

  it('say so and go on by themselves when the database goes away and comes back', async () => {
    const kind = one.newKind();
    const ran: number[] = [];
    one.jobs.handle(kind, (_, { attempt }) => Promise.resolve(void ran.push(attempt)));
    await one.ended(await one.send(one.mine, kind, {}));
    expect(await queueOf(one.app)).toBe('ok');
    proxy.refuse();
    await until(async () => (await queueOf(one.app)) === 'unavailable');
    expect(await queueOf(other)).toBe('ok');
    proxy.forward();
    await until(async () => (await queueOf(one.app)) === 'ok');
    await one.ended(await one.send(one.mine, kind, {}));
    expect(ran).toEqual([1, 1]);
  });

  it('do what was taken from another, and what that one still says of it counts no more', async () => {
    const kind = one.newKind();
    const release: (() => void)[] = [];
    one.jobs.handle(kind, () => new Promise((resolve) => release.push(resolve)), { retries: 1 });
    const id = await one.send(one.mine, kind, {});
    await until(() => release.length === 1);
    // as pg-boss does when the heartbeat was missed
    await database.sql(`update pgboss.job set state = 'retry' where id = $1`, [id]);
    await until(() => release.length === 2);
    release[0]?.();
    await sleep(300);
    expect(await one.stored(id)).toMatchObject({ state: 'active', retry_count: 1 });
    release[1]?.();
    expect(await one.ended(id)).toMatchObject({ state: 'completed', retry_count: 1 });
  });

  it('tell how many jobs there are, by kind', async () => {
    const kind = one.newKind();
    one.jobs.handle(kind, () => Promise.resolve());
    await one.ended(await one.send(one.mine, kind, {}));
    const text = await (await fetch(`${one.app.url}/metrics`)).text();
    expect(text).toContain(`tenantry_job_attempts_total{kind="${kind}",outcome="done"} 1`);
    expect(text).toContain(`tenantry_jobs{kind="${kind}",state="queued"} 0`);
  });
});

describe('without multi-tenancy', () => {
  it('jobs run in the one tenant', async () => {
    const world = await makeWorld(undefined, { ENABLE_MULTI_TENANCY: 'false', DEFAULT_TENANT: 'testcorp' });
    const kind = world.newKind();
    world.jobs.handle(kind, () => Promise.resolve());
    expect(await world.ended(await world.send(world.mine, kind, {}))).toMatchObject({ state: 'completed' });
    await world.app.close();
  });
});

describe('a command', () => {
  it('sends jobs, and does none', async () => {
    const database = await freshDatabase();
    const { urls } = database;
    const config = loadConfig({
      ENVIRONMENT: 'test',
      SECRET_KEY: 'a secret for tests alone, of 32 and more characters',
      ENCRYPTION_KEY: 'another secret for tests alone, of 32 and more',
    });
    const context = await nest.NestFactory.createApplicationContext(
      await AppModule.forRoot(config, { urls, embedded: false, close: () => Promise.resolve() }),
      { logger: false, abortOnError: false },
    );
    const [jobs, tenant] = [context.get(jobsModule.Jobs), await tenantOf(database, 'testcorp')];
    let ran = 0;
    const count = (): Promise<void> => {
      ran++;
      return Promise.resolve();
    };
    jobs.handle('test.sent', count);
    const id = await context.get(tenancy.Tenancy).run(tenant.id, () => jobs.send('test.sent', {}));
    await sleep(2_500);
    expect(await database.sql('select state from pgboss.job where id = $1', [id])).toEqual([{ state: 'created' }]);
    expect(ran).toBe(0);
    await context.close();
    await database.drop();
  });
});
