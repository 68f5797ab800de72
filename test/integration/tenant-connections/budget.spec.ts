import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { database } from '../../support/dist.js';
import { Connections, databaseOf, ENTER, tenantDatabases, type TenantDatabases } from './world.js';

const BUDGET = 20;

describe('the budget of connections to tenant databases', () => {
  let tenants: TenantDatabases;
  beforeAll(async () => {
    tenants = await tenantDatabases(50);
  });
  afterAll(async () => {
    await tenants.drop();
  });

  const nameAt = (index: number): string => tenants.names[index % tenants.names.length] ?? '';

  describe('of the pools', () => {
    let pools: InstanceType<typeof database.Pools>;
    beforeAll(() => {
      pools = new database.Pools(tenants.urls, { max: 2, tenantMax: BUDGET, lifetimeMs: 60_000 });
    });
    afterAll(async () => {
      await pools.close();
      expect(await tenants.backends()).toEqual([]);
    });

    /** The three ways in which the application uses a connection. */
    const ways: ((name: string) => Promise<unknown>)[] = [
      async (name) => {
        const text = 'select current_database() as name';
        const rows = await pools.fenced<{ name: string }>({ server: 'main', database: name }, ENTER, {
          ...{ name: 'where', text, values: [] },
        });
        return rows[0]?.name;
      },
      (name) => databaseOf(pools.get('platform', { server: 'main', database: name })),
      async (name) => {
        const client = await pools.get('app', { server: 'main', database: name }).connect();
        try {
          await client.query('begin');
          const found = await databaseOf(client);
          await client.query('commit');
          return found;
        } finally {
          client.release();
        }
      },
    ];
    const ask = async (index: number) => ({
      expected: nameAt(index),
      found: await ways[index % ways.length]?.(nameAt(index)),
    });

    it('is never passed by databases that are used in turn, and each answers for itself', async () => {
      const most = await tenants.mostDuring(async () => {
        for (let index = 0; index < 75; index++) {
          const { expected, found } = await ask(index);
          expect(found).toBe(expected);
        }
      });
      expect(most).toBe(BUDGET);
    });

    it('is never passed by databases that are used at the same time, and no request is lost', async () => {
      const most = await tenants.mostDuring(async () => {
        const answers = await Promise.all(Array.from({ length: 400 }, (_, index) => ask(index * 7)));
        expect(answers.filter(({ expected, found }) => found !== expected)).toEqual([]);
      });
      expect(most).toBeGreaterThan(BUDGET / 2);
      expect(most).toBeLessThanOrEqual(BUDGET);
    });

    it('counts in the usage, by login and database', async () => {
      const [at, login] = [{ server: 'main', database: nameAt(1) }, 'platform'] as const;
      const client = await pools.get(login, at).connect();
      await ask(1);
      const usage = pools.usage();
      expect(usage).toContainEqual({ ...at, login, total: 2, idle: 1, waiting: 0 });
      const total = usage.reduce((sum, pool) => sum + pool.total, 0);
      expect(total).toBeLessThanOrEqual(BUDGET);
      client.release();
    });

    it('knows no server that is not configured', () => {
      expect(() => pools.get('app', { server: 'nowhere', database: 'any' })).toThrow(
        expect.objectContaining({ status: 503 }),
      );
    });
  });

  describe('when it is spent', () => {
    let connections: Connections;
    afterEach(async () => {
      await connections.all.close();
    });

    it('holds whatever happens to connections, and each request is answered', async () => {
      const max = 5;
      connections = new Connections(tenants.urls, {
        max,
        lifetimeMs: 100,
        idleTimeoutMs: 10,
        connectTimeoutMs: 30_000,
      });
      const missing = () => connections.to('no_such_database').connect();
      const use = async (step: number): Promise<void> => {
        const name = nameAt(step % 12);
        const client = await connections.to(name).connect();
        try {
          expect(await databaseOf(client)).toBe(name);
          if (step % 5 === 0) await sleep(step % 20);
          if (step % 29 === 0)
            await client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
        } finally {
          client.release(step % 29 === 0 || step % 13 === 0);
        }
      };
      const user = async (_: unknown, first: number): Promise<void> => {
        for (let step = first; step < first + 20; step++) {
          if (step % 31 === 0) await expect(missing()).rejects.toMatchObject({ code: '3D000' });
          await use(step * 7);
        }
      };
      const most = await tenants.mostDuring(() => Promise.all(Array.from({ length: 20 }, user)));
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(max);
      await connections.all.close();
      expect(await tenants.backends()).toEqual([]);
      expect(connections.all.sources()).toEqual([]);
    });

    it('gives one database four connections, and its next request the first that comes back', async () => {
      connections = new Connections(tenants.urls);
      const taken = await connections.take(nameAt(0), 4);
      const fifth = connections.to(nameAt(0)).connect();
      expect(connections.to(nameAt(0))).toMatchObject({ totalCount: 4, idleCount: 0, waitingCount: 1 });
      taken[2]?.release();
      expect(await fifth).toBe(taken[2]);
      for (const client of new Set([...taken, await fifth])) client.release();
      expect(await tenants.backends()).toHaveLength(4);
    });

    it('closes the connection that nobody has used for longest', async () => {
      connections = new Connections(tenants.urls, { max: 3 });
      for (const index of [0, 1, 2, 0]) await databaseOf(connections.to(nameAt(index)));
      expect(await databaseOf(connections.to(nameAt(3)))).toBe(nameAt(3));
      expect(connections.all.sources().map(({ of }) => of.database)).toEqual([0, 2, 3].map(nameAt));
    });

    it('closes no more for a crowd than its database may have', async () => {
      connections = new Connections(tenants.urls, { max: 10 });
      for (let index = 0; index < 10; index++) await databaseOf(connections.to(nameAt(index)));
      const crowd = Array.from({ length: 30 }, () => databaseOf(connections.to(nameAt(10))));
      expect(new Set(await Promise.all(crowd))).toEqual(new Set([nameAt(10)]));
      const kept = connections.all.sources().filter(({ of }) => of.database !== nameAt(10));
      expect(kept.length).toBeGreaterThanOrEqual(6);
    });

    it('tells who has waited too long that there was no connection, and serves the next one', async () => {
      connections = new Connections(tenants.urls, { max: 2, connectTimeoutMs: 300 });
      const [first, second] = await connections.take(nameAt(0), 2);
      await expect(connections.to(nameAt(1)).connect()).rejects.toThrow('timeout exceeded when trying to connect');
      expect(connections.to(nameAt(1)).waitingCount).toBe(0);
      first?.release();
      expect(await databaseOf(connections.to(nameAt(1)))).toBe(nameAt(1));
      second?.release();
    });

    it('serves in the order of asking', async () => {
      connections = new Connections(tenants.urls, { max: 1 });
      const [held] = await connections.take(nameAt(0), 1);
      const order: number[] = [];
      const all = [3, 1, 2, 3, 0].map(async (index) => {
        await databaseOf(connections.to(nameAt(index)));
        order.push(index);
      });
      held?.release();
      await Promise.all(all);
      expect(order).toEqual([3, 1, 2, 3, 0]);
    });

    it('lets nobody wait behind a database that has all it may have', async () => {
      connections = new Connections(tenants.urls, { max: 8 });
      const busy = await connections.take(nameAt(0), 4);
      let isServed = false;
      const blocked = connections.to(nameAt(0)).connect();
      void blocked.then(() => {
        isServed = true;
      });
      // below the budget, and when another has to make room
      const others = await connections.take(nameAt(1), 4);
      const third = connections.to(nameAt(2)).connect();
      others[0]?.release();
      expect(await databaseOf(await third)).toBe(nameAt(2));
      await nextTurn();
      expect(isServed).toBe(false);
      busy[0]?.release();
      expect(await blocked).toBe(busy[0]);
      for (const client of [...busy.slice(1), ...others.slice(1), await third, await blocked]) client.release();
    });
  });
});
