import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { Connections, databaseOf, pidOf, tenantDatabases, type TenantDatabases } from './world.js';

describe('a connection to a tenant database', () => {
  let tenants: TenantDatabases;
  let acme = '';
  let globex = '';
  beforeAll(async () => {
    tenants = await tenantDatabases(2);
    [acme = '', globex = ''] = tenants.names;
  });
  afterAll(async () => {
    await tenants.drop();
  });

  let connections: Connections;
  afterEach(async () => {
    await connections.all.close();
  });
  const until = async (met: () => Promise<boolean>): Promise<void> => {
    while (!(await met())) await sleep(10);
  };

  const failureOf = async (client: pg.PoolClient | undefined): Promise<Error> => {
    try {
      await client?.query('select');
    } catch (error) {
      return error as Error;
    }
    throw new Error('there was no failure');
  };

  it('is used again, the one that came back last first', async () => {
    connections = new Connections(tenants.urls);
    const [first, second] = await connections.take(acme, 2);
    second?.release();
    first?.release();
    expect(await connections.to(acme).connect()).toBe(first);
    first?.release();
  });

  it('is closed when it comes back older than it may be', async () => {
    connections = new Connections(tenants.urls, { lifetimeMs: 500 });
    const pid = await pidOf(connections.to(acme));
    expect(await pidOf(connections.to(acme))).toBe(pid);
    const client = await connections.to(acme).connect();
    await sleep(500);
    client.release();
    expect(await pidOf(connections.to(acme))).not.toBe(pid);
  });

  it('is the only one of its database while the server is busy, and of each other database there is still one', async () => {
    connections = new Connections(tenants.urls, { busyAt: 2 });
    const [first, second] = await connections.take(acme, 2);
    const third = connections.to(acme).connect();
    (await connections.to(globex).connect()).release();
    expect(await Promise.race([third, sleep(100, 'waits')])).toBe('waits');
    second?.release();
    expect(await third).toBe(second);
    for (const client of [first, second]) client?.release();
  });

  it('is closed when nobody has used it for a while, and then nothing is kept of its database', async () => {
    connections = new Connections(tenants.urls, { idleTimeoutMs: 50 });
    const source = connections.to(acme);
    await databaseOf(source);
    await until(async () => (await tenants.backends()).length === 0);
    await until(async () => connections.all.sources().length === 0);
    // who has kept the source shares what others have opened since
    const pid = await pidOf(connections.to(acme));
    expect(await pidOf(source)).toBe(pid);
  });

  it('is closed when it comes back with an error', async () => {
    connections = new Connections(tenants.urls);
    const pid = await pidOf(connections.to(acme));
    const client = await connections.to(acme).connect();
    client.release(new Error('its state is unknown'));
    client.release();
    expect(await pidOf(connections.to(acme))).not.toBe(pid);
    // the old one counts until it has ended
    await until(() => Promise.resolve(connections.to(acme).totalCount === 1));
  });

  it('is kept after an error that PostgreSQL answered', async () => {
    connections = new Connections(tenants.urls);
    const pid = await pidOf(connections.to(acme));
    await expect(connections.to(acme).query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
    expect(await pidOf(connections.to(acme))).toBe(pid);
  });

  it('is forgotten when the server ends it, in use or not', async () => {
    connections = new Connections(tenants.urls, { max: 2 });
    const [used] = await connections.take(acme, 1);
    await databaseOf(connections.to(globex));
    for (const pid of await tenants.backends()) await tenants.sql('select pg_terminate_backend($1)', [pid]);
    await until(async () => connections.to(globex).totalCount === 0);
    // it counts until he who has it knows
    expect(connections.to(acme).totalCount).toBe(1);
    used?.release(await failureOf(used));
    expect(await databaseOf(connections.to(acme))).toBe(acme);
    expect(await databaseOf(connections.to(globex))).toBe(globex);
  });

  it('to a database that is not there fails by itself, and leaves the others of its server alone', async () => {
    connections = new Connections(tenants.urls);
    const missing = () => connections.to('no_such_database').connect();
    const [first, second, found] = await Promise.allSettled([missing(), missing(), databaseOf(connections.to(acme))]);
    expect([first, second]).toMatchObject(Array(2).fill({ status: 'rejected', reason: { code: '3D000' } }));
    expect(found).toEqual({ status: 'fulfilled', value: acme });
    await expect(missing()).rejects.toMatchObject({ code: '3D000' });
  });

  it('that cannot even be tried fails by itself', async () => {
    connections = new Connections(tenants.urls);
    const source = connections.to(
      acme,
      'odd',
      `${tenants.urls.platform}?sslmode=verify-full&sslrootcert=/no/such/file`,
    );
    await expect(source.connect()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(connections.all.sources()).toEqual([]);
  });

  it('comes back before all are closed, and who waits for one is served', async () => {
    connections = new Connections(tenants.urls, { max: 1 });
    const [held] = await connections.take(acme, 1);
    const waiting = databaseOf(connections.to(globex));
    let isClosed = false;
    const closed = connections.all.close().then(() => {
      isClosed = true;
    });
    await expect(connections.to(acme).connect()).rejects.toThrow('Cannot use a pool after calling end');
    expect(held === undefined ? held : await databaseOf(held)).toBe(acme);
    expect(isClosed).toBe(false);
    held?.release();
    expect(await waiting).toBe(globex);
    await closed;
    expect(await tenants.backends()).toEqual([]);
  });
});
