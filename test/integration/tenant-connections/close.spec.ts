import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pools } from '../../../src/platform/database/index.js';
import { database } from '../../support/dist.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { tenantDatabases, type TenantDatabases } from './world.js';

const LIMIT_MS = 300;

describe('the end of all connections', () => {
  let tenants: TenantDatabases;
  let proxy: TcpProxy;
  let pools: Pools;
  beforeAll(async () => {
    tenants = await tenantDatabases(1);
  });
  afterAll(() => tenants.drop());
  beforeEach(async () => {
    proxy = await TcpProxy.before(tenants.urls.platform);
    const through = (url: string): string => Object.assign(new URL(url), { host: new URL(proxy.url).host }).href;
    const urls = { app: through(tenants.urls.app), platform: through(tenants.urls.platform) };
    pools = new database.Pools(urls, { max: 2, tenantMax: 2, lifetimeMs: 60_000 });
  });
  afterEach(() => proxy.close());

  const sources = () => [
    pools.get('platform'),
    pools.get('platform', { server: 'main', database: tenants.names[0] ?? '' }),
  ];
  const opened = () => Promise.all(sources().map((source) => source.query('select 1')));

  it('waits for a statement that is under way', async () => {
    const running = sources().map((source) => source.query(`select 'done' as word from pg_sleep(0.2)`));
    await opened();
    await pools.close();
    expect((await Promise.all(running)).map(({ rows }) => rows)).toEqual([[{ word: 'done' }], [{ word: 'done' }]]);
  });

  it('cuts off a statement that a server never answers', async () => {
    await opened();
    proxy.silence();
    const refused = sources().map((source) => expect(source.query('select 1')).rejects.toThrow(/terminated/));
    // sent, not waiting for a connection
    await sleep(20);
    await pools.close(LIMIT_MS);
    await Promise.all(refused);
  });

  it('does not wait for who never gives a connection back', async () => {
    await Promise.all(sources().map((source) => source.connect()));
    await pools.close(LIMIT_MS);
    while ((await tenants.backends()).length > 0) await sleep(20);
    expect(await tenants.backends()).toEqual([]);
  });
});
