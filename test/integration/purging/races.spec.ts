import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Client } from '../../support/client.js';
import { archives, database as product, purges, runSeeders, tenancy } from '../../support/dist.js';
import { changedRows, rowsOf } from '../../support/oracles.js';
import { planeOf } from '../../support/plane.js';
import { tenantOf } from '../../support/tenants.js';
import { makeWorld, type World } from './world.js';

const CONFLICT = { definition: { code: 'conflict' } };
const HOUR_MS = 3_600_000;
const LONG = 60_000;
const isBegun = `select purge is not null as begun, deleted_at is not null as deleted from core.organizations where id = $1`;

/** Whatever a purge would have begun with. */
const expectUntouched = async ({ database, mine }: World, deleted: boolean): Promise<void> => {
  expect(await database.sql(isBegun, [mine.id])).toEqual([{ begun: false, deleted }]);
  expect(await database.sql('select from core.tombstones where organization_id = $1', [mine.id])).toEqual([]);
  expect(await database.sql('select state from tenancy.fence where organization_id = $1', [mine.id])).toEqual([
    { state: 'active' },
  ]);
};

describe('a purge', () => {
  /** What is the installation's own; of `location_steps` and `locations` a tenant's go with its places. */
  const NOBODYS = ['location_steps', 'locations', 'organizations', 'permissions', 'plans'];

  let world: World;
  let root: Client;
  beforeAll(async () => {
    world = await makeWorld();
    root = await world.app.signIn('superadmin@example.com');
  });
  afterAll(() => world.close());

  it('finds all that core has of a tenant by organization_id, also of its people', async () => {
    const tables = await world.database.sql<{ name: string }>(
      `select c.relname as name from pg_class c where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
         and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped) order by 1`,
    );
    expect(tables.map(({ name }) => name)).toEqual(NOBODYS);
  });

  it('is of nobody who is in use', async () => {
    await expect(world.purge()).rejects.toMatchObject({
      ...CONFLICT,
      detail: 'This tenant is in use: delete it first.',
    });
    await expectUntouched(world, false);
  });

  it('is asked in vain of a process without the login for it, which does not delete the tenant either', async () => {
    const asked = world.app.app.get(purges.TenantDeletions).purge(world.mine.id);
    await expect(asked).rejects.toMatchObject({ detail: expect.stringContaining('DATABASE_MOVER_URL is not set') });
    await expectUntouched(world, false);
  });

  it('waits for the time of grace, by the clock of the database', async () => {
    await world.deleteIt(HOUR_MS - 60_000);
    const run = world.purges.run(world.mine.id, { kind: 'deleted', graceMs: HOUR_MS });
    await expect(run).rejects.toMatchObject({ ...CONFLICT, detail: 'This tenant can still be restored.' });
    expect(await world.purges.due(HOUR_MS)).toEqual([]);
    expect(await world.purges.due(HOUR_MS - 120_000)).toEqual([world.mine.id]);
    await expectUntouched(world, true);
  });

  it('is not made by a node without the login for it', async () => {
    await world.deleteIt(31 * 24 * HOUR_MS);
    await world.app.app.get(purges.PurgeRunner).sweep();
    await expectUntouched(world, true);
  });

  it('gives way to a restore that came first, even by a moment', async () => {
    await world.deleteIt();
    const client = new pg.Client(world.database.urls.platform);
    await client.connect();
    await client.query('begin');
    await client.query('update core.organizations set deleted_at = null where id = $1', [world.mine.id]);
    const run = world.purge();
    const refused = expect(run).rejects.toMatchObject({
      ...CONFLICT,
      detail: 'This tenant is in use: delete it first.',
    });
    for (let waits = 0; waits === 0;)
      waits = (
        await world.database.sql(
          `select from pg_stat_activity where application_name = 'tenantry move' and wait_event_type = 'Lock'`,
        )
      ).length;
    await client.query('commit');
    await client.end();
    await refused;
    await expectUntouched(world, false);
  });

  it('excludes whoever moves, exports or restores the tenant, and is excluded by him', async () => {
    await world.deleteIt();
    const { servers } = new product.Pools(world.database.urls, { max: 1, tenantMax: 1, lifetimeMs: 1 });
    await tenancy.leased(servers, world.mine.id, async () => {
      await expect(world.purge()).rejects.toMatchObject({ ...CONFLICT, detail: expect.stringContaining('in hand') });
    });
    await expectUntouched(world, true);
    await world.database.sql('update core.organizations set deleted_at = null where id = $1', [world.mine.id]);
    const id = await world.moves.request(world.mine.id, await world.newPlace('schema'));
    await world.deleteIt();
    await expect(world.purge()).rejects.toMatchObject({ ...CONFLICT, detail: expect.stringContaining('is not over') });
    await expectUntouched(world, true);
    await world.moves.abort(id);
  });

  it('that has begun is not stopped by a restore, which is told so, nor by a move', async () => {
    const { database, mine } = world;
    await world.deleteIt();
    const broken = world.purge((step) => {
      if (step === 'counted') throw new Error('died');
    });
    await expect(broken).rejects.toThrow('died');
    const before = await rowsOf(database, mine.id);
    const answer = await root.post(`/tenants/${mine.id}/restore`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(answer.text).toContain('is being purged');
    expect(answer.text).not.toMatch(/organizations|check|constraint/);
    expect((await root.post(`/tenants/${mine.id}/move`, { isolation: 'schema' })).status).toBe(404);
    expect(changedRows(before, await rowsOf(database, mine.id))).toEqual([]);
    // who was let in before, and comes to the fence only now
    const { tenancy: plane } = planeOf(world.app.app);
    const late = { text: `insert into counters (organization_id, name) values ($1, 'x')`, values: [mine.id] };
    for (const write of [() => plane.write(late), () => plane.read({ text: 'select 1', values: [] })])
      await expect(plane.runAt(mine.placement, write)).rejects.toMatchObject({ definition: { code: 'unavailable' } });
    const [place] = await database.sql<{ id: string }>(
      `select id from core.locations where isolation = 'schema' limit 1`,
    );
    await expect(world.moves.request(mine.id, place?.id ?? '')).rejects.toMatchObject({
      definition: { code: 'not_found' },
    });
  });

  it('alone removes from the audit log, by the owner’s function, what a tombstone stands for', async () => {
    const { urls, sql } = world.database;
    const [owner, platform, app] = [urls.owner, urls.platform, urls.app].map((url) => new pg.Client(url));
    const removed = async (client: pg.Client | undefined, id: string) => {
      await client?.query('begin');
      await client?.query(`select set_config('app.core_organization_id', $1, true)`, [id]);
      const result = await client?.query('delete from core.audit_log where organization_id = $1', [id]);
      await client?.query('rollback');
      return result?.rowCount;
    };
    for (const client of [owner, platform, app]) await client?.connect();
    try {
      const other = await tenantOf(world.database, 'initech');
      expect((await sql('select from core.audit_log where organization_id = $1', [other.id])).length).toBeGreaterThan(
        0,
      );
      expect(await removed(owner, other.id)).toBe(0);
      expect(await removed(owner, world.mine.id)).toBeGreaterThan(0);
      for (const client of [platform, app])
        await expect(removed(client, world.mine.id)).rejects.toMatchObject({ code: '42501' });
      await app?.query('rollback');
      await platform?.query('rollback');
      const functions = ['core.assert_purged($1)', 'core.remove_purged_audit($1, 10)', 'core.forget_purged($1)'];
      for (const call of functions) {
        await expect(platform?.query(`select ${call}`, [other.id])).rejects.toMatchObject({ code: 'TM005' });
        await expect(app?.query(`select ${call}`, [world.mine.id])).rejects.toMatchObject({ code: '42501' });
      }
      // a tombstone is not enough
      await sql(`insert into core.tombstones (id, kind, organization_id, code) values ($1, 'tenant', $1, 'x')`, [
        other.id,
      ]);
      await expect(platform?.query('select core.remove_purged_audit($1, 10)', [other.id])).rejects.toMatchObject({
        code: 'TM005',
      });
      await sql('delete from core.tombstones where id = $1', [other.id]);
    } finally {
      for (const client of [owner, platform, app]) await client?.end();
    }
  });
});

describe('a node', () => {
  it(
    'purges whose time of grace is over, and what somebody has left, and nobody else; no archive and no seed brings them back',
    async () => {
      const world = await makeWorld({ TENANT_GRACE: '1h' });
      try {
        const { app, database, mine, host } = world;
        const due = await tenantOf(database, 'acme');
        const { directory } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };
        const file = `${directory}/purged-${mine.id}`;
        await app.app.get(archives.TenantExports).export(mine.id, file);
        const restores = app.app.get(archives.TenantRestores);
        const deleted = `update core.organizations set deleted_at = now() - $2 * interval '1 minute' where id = $1`;
        await database.sql(deleted, [host.id, 59]);
        await database.sql(deleted, [due.id, 61]);
        await world.deleteIt();
        const broken = world.purge((step) => {
          if (step === 'begun') throw new Error('died');
        });
        await expect(broken).rejects.toThrow('died');
        await expect(restores.restore(file)).rejects.toThrow('was purged, and stays so');

        await app.app.get(purges.PurgeRunner).sweep();
        expect(Object.keys(await world.remains())).toEqual(['core.tombstones']);
        expect(Object.keys(await world.remains(due.id))).toEqual(['core.tombstones']);
        expect(await database.sql(isBegun, [host.id])).toEqual([{ begun: false, deleted: true }]);
        expect(await database.sql('select from core.tombstones where organization_id = $1', [host.id])).toEqual([]);

        await expect(restores.restore(file)).rejects.toThrow('was purged, and stays so');
        await expect(restores.restore(file, { as: 'again' })).rejects.toThrow('was purged, and stays so');
        await runSeeders(app.app, { isolation: 'shared', print: () => undefined });
        expect(await database.sql('select from core.organizations where id = any ($1)', [[mine.id, due.id]])).toEqual(
          [],
        );
      } finally {
        await world.close();
      }
    },
    LONG,
  );
});

describe('a tenant that is purged while it is used', () => {
  it(
    'answers whoever comes as one that is deleted: 401, or for a moment 503',
    async () => {
      const world = await makeWorld({});
      try {
        const { app, mine } = world;
        await world.move('database');
        const admin = await app.signIn('admin@testcorp.com');
        const statuses = new Set<number>();
        const stopped = new AbortController();
        const call = async (send: (n: number) => ReturnType<Client['get']>): Promise<void> => {
          for (let n = 0; !stopped.signal.aborted; n++) statuses.add((await send(n)).status);
        };
        const work = [
          call((n) => admin.post('/crm/leads', { name: `Late ${String(n)}` })),
          call(() => admin.get('/crm/leads?limit=5')),
          call(() => admin.get('/users')),
          call((n) => admin.post('/user-groups', { group_code: `late-${String(n)}`, group_name: `Late ${String(n)}` })),
        ];
        const report = await app.app.get(purges.TenantDeletions).purge(mine.id);
        stopped.abort();
        await Promise.all(work);
        expect([...statuses].filter((status) => ![200, 201, 401, 503].includes(status))).toEqual([]);
        expect(statuses).toContain(401);
        expect(report.rows['crm_leads']).toBeGreaterThan(1500);
        expect(Object.keys(await world.remains())).toEqual(['core.tombstones']);
      } finally {
        await world.close();
      }
    },
    LONG,
  );
});
