import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccessListener, Freshness, SnapshotSource, Snapshots } from '../../../src/platform/access/index.js';
import { startApp, type TestApp } from '../../support/app.js';
import { access, database as databaseModule } from '../../support/dist.js';
import { within } from '../../support/promised.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';

/** The promises: a change counts within so many milliseconds, and a connection that died in silence is found out. */
const HEARD_MS = within(100);
const FOUND_OUT_MS = within(2_000);
const PATIENCE_MS = 10_000;

/** A listener beside the application's own, on connections that the test can break, with snapshots that hang on it. */
describe('the access listener', () => {
  let app: TestApp;
  let proxy: TcpProxy;
  let testcorp: Tenant;
  let acme: Tenant;
  beforeAll(async () => {
    app = await startApp();
    proxy = await TcpProxy.before(app.database.urls.platform);
    testcorp = await tenantOf(app.database, 'testcorp');
    acme = await tenantOf(app.database, 'acme');
  });
  afterAll(async () => {
    await proxy.close();
    await app.close();
  });

  let freshness: Freshness;
  let snapshots: Snapshots;
  let listener: AccessListener;
  /** The backend of each connection that it opened. */
  let backends: number[];
  /** Passed before each attempt to connect. */
  let gate: Promise<unknown>;
  beforeEach(async () => {
    gate = Promise.resolve();
    backends = [];
    freshness = new access.Freshness();
    snapshots = new access.Snapshots(app.app.get<SnapshotSource>(access.SnapshotSource), freshness);
    listener = new access.AccessListener({ open: opened }, freshness);
    await listener.start();
    expect(listener.trusted).toBe(true);
  });
  afterEach(async () => {
    proxy.forward();
    await listener.stop();
  });

  const opened = () => {
    const client = databaseModule.listenConnection(proxy.url);
    const connect = client.connect.bind(client);
    return Object.assign(client, {
      connect: async () => {
        await gate;
        await connect();
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
        backends.push(rows[0]?.pid ?? 0);
      },
    });
  };
  const sql = (text: string, values: unknown[] = []) => app.database.sql(text, values);
  const cut = () => sql('select pg_terminate_backend($1)', [backends.at(-1)]);
  /** What is decided with, without the database; undefined: nothing that may be used. */
  const kept = ({ adminId, id }: Tenant) => snapshots.peek(adminId, id);
  const load = ({ adminId, id }: Tenant) => snapshots.load(adminId, id, null);
  const change = ({ id }: Tenant) =>
    sql(`update core.organizations set settings = settings || '{"changed": true}', status = status where id = $1`, [
      id,
    ]);
  const until = async (isSo: () => boolean): Promise<number> => {
    const started = performance.now();
    while (!isSo()) {
      if (performance.now() - started > PATIENCE_MS) throw new Error('it did not come to pass');
      await sleep(1);
    }
    return performance.now() - started;
  };
  const heardAgain = () => until(() => listener.trusted);

  it('drops what plain SQL changed, and keeps the other tenants’', async () => {
    await Promise.all([load(testcorp), load(acme)]);
    await change(testcorp);
    expect(await until(() => kept(testcorp) === undefined)).toBeLessThan(HEARD_MS);
    expect(kept(acme)).toBeDefined();
  });

  it('drops everybody’s when a built-in role changed', async () => {
    await Promise.all([load(testcorp), load(acme)]);
    await sql(`update core.roles set priority = priority where organization_id is null and role_code = 'viewer'`);
    await until(() => kept(testcorp) === undefined && kept(acme) === undefined);
  });

  it('trusts nothing from the moment that its connection was cut, and after it keeps what did not change', async () => {
    await Promise.all([load(testcorp), load(acme)]);
    const { loads } = snapshots;
    let open: (value?: unknown) => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    await cut();
    await until(() => !listener.trusted);
    expect(kept(testcorp) ?? kept(acme)).toBeUndefined();
    await change(testcorp);
    open();
    await heardAgain();
    expect(backends).toHaveLength(2);
    expect(kept(acme)).toBeDefined();
    expect(kept(testcorp)).toBeUndefined();
    expect(snapshots.loads).toBe(loads);
  });

  it('does not keep what was read while it was away', async () => {
    let open: (value?: unknown) => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    await cut();
    await until(() => !listener.trusted);
    expect(await load(testcorp)).toBeDefined();
    expect(kept(testcorp)).toBeUndefined();
    open();
    await heardAgain();
    expect(kept(testcorp)).toBeUndefined();
    await load(testcorp);
    expect(kept(testcorp)).toBeDefined();
  });

  it('finds out that the other side has gone silent, and drops what changed since', async () => {
    await Promise.all([load(testcorp), load(acme)]);
    proxy.silence();
    const silent = performance.now();
    await change(testcorp);
    await until(() => !listener.trusted);
    expect(performance.now() - silent).toBeLessThan(FOUND_OUT_MS);
    expect(kept(testcorp)).toBeUndefined();
    proxy.forward();
    await heardAgain();
    expect(kept(testcorp)).toBeUndefined();
    expect(kept(acme)).toBeDefined();
  });

  it('comes back by itself when the database does', async () => {
    await load(testcorp);
    proxy.refuse();
    await until(() => !listener.trusted);
    await sleep(300);
    expect(listener.trusted).toBe(false);
    proxy.forward();
    expect(await heardAgain()).toBeLessThan(within(1_500));
    expect(kept(testcorp)).toBeDefined();
  });

  it('leaves no connection behind when it stops', async () => {
    await listener.stop();
    const alive = () => sql('select from pg_stat_activity where pid = $1', [backends.at(-1)]);
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end && (await alive()).length > 0;) await sleep(10);
    expect(await alive()).toEqual([]);
    expect(listener.trusted).toBe(false);
  });
});
