import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { Connections, databaseOf, tenantDatabases, type TenantDatabases } from './world.js';

const AWAY = 'the server eu-1 is away';
const MAX = 20;
/** Connections to one server that may be on their way at once. */
const OPENING_MAX = 8;

/** Two names of one PostgreSQL: `main`, and `eu-1` behind a proxy that does to it what networks do. */
describe('a server that is away', () => {
  let tenants: TenantDatabases;
  let proxy: TcpProxy;
  let connections: Connections;
  beforeAll(async () => {
    tenants = await tenantDatabases(10);
  });
  afterAll(async () => {
    await tenants.drop();
  });
  beforeEach(async () => {
    proxy = await TcpProxy.before(tenants.urls.platform);
    connections = new Connections(tenants.urls, { max: MAX, connectTimeoutMs: 1_000 });
  });
  afterEach(async () => {
    await connections.all.close();
    await proxy.close();
  });

  const nameAt = (index: number): string => tenants.names[index % tenants.names.length] ?? '';
  const atProxy = (index: number) => databaseOf(connections.to(nameAt(index), 'eu-1', proxy.url));
  const atMain = (index: number) => databaseOf(connections.to(nameAt(index)));
  const messageOf = (asked: Promise<unknown>): Promise<string> =>
    asked.then(
      () => 'served',
      (error: unknown) => (error as Error).message,
    );
  /** Tried again and again, as requests come in. */
  const back = async (): Promise<void> => {
    proxy.forward();
    while ((await messageOf(atProxy(0))) !== 'served') await sleep(20);
  };

  it('fails at once after it was tried, leaves others alone, and comes back by itself', async () => {
    expect(await atProxy(0)).toBe(nameAt(0));
    proxy.refuse();
    while (connections.to(nameAt(0), 'eu-1').totalCount > 0) await sleep(1);
    await expect(atProxy(1)).rejects.not.toThrow(AWAY);
    const tried = proxy.accepted;
    const messages = await Promise.all(Array.from({ length: 50 }, (_, index) => messageOf(atProxy(index))));
    expect(new Set(messages)).toEqual(new Set([AWAY]));
    expect(proxy.accepted).toBe(tried);
    expect(await atMain(1)).toBe(nameAt(1));
    await back();
    expect(await Promise.all([1, 2, 3].map(atProxy))).toEqual([1, 2, 3].map(nameAt));
  });

  it('takes only some of the budget when it swallows connections, and others have the rest', async () => {
    proxy.silence();
    const swallowed = Promise.all(Array.from({ length: 30 }, (_, index) => messageOf(atProxy(index))));
    const found = await Promise.all(Array.from({ length: 60 }, (_, index) => atMain(index)));
    expect(found).toEqual(found.map((_, index) => nameAt(index)));
    expect(proxy.accepted).toBe(OPENING_MAX);
    for (const message of await swallowed)
      expect(message).toMatch(
        /^(timeout exceeded when trying to connect|Connection terminated|the server eu-1 is away)/,
      );
    expect(proxy.accepted).toBe(OPENING_MAX);
  });

  it('is tried by one alone until it answers', async () => {
    proxy.silence();
    expect(await messageOf(atProxy(0))).not.toBe(AWAY);
    for (let tried = 1; tried < 3; tried++) {
      await sleep(1_100);
      const messages = await Promise.all(Array.from({ length: 10 }, (_, index) => messageOf(atProxy(index))));
      expect(messages.filter((message) => message !== AWAY)).toHaveLength(1);
      expect(proxy.accepted).toBe(tried + 1);
    }
    await back();
  });

  it('does not hold the place of an idle connection for long that it never closes', async () => {
    connections = new Connections(tenants.urls, { max: 1 });
    await atProxy(0);
    proxy.silence();
    expect(await atMain(1)).toBe(nameAt(1));
  });
});
