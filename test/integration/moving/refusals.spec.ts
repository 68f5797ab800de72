import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { database, tenancy } from '../../support/dist.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { tenantOf } from '../../support/tenants.js';
import { type Places, placesOf } from './fates.js';
import { makeWorld, type Place, type World } from './world.js';

const CONFLICT = { definition: { code: 'conflict' } };

let world: World;
/** Of the tenant's own: each move leaves it as if it had never been, or is cleared of before the next one comes. */
let own: Places;
beforeAll(async () => {
  world = await makeWorld(200);
  own = await placesOf(world);
});
afterAll(() => world.close());

describe('the mover’s login', () => {
  let mover: pg.Client;
  beforeAll(async () => {
    mover = new pg.Client(world.app.database.urls.mover);
    await mover.connect();
    await mover.query(`select set_config('app.organization_id', $1, false)`, [world.mine.id]);
  });
  afterAll(() => mover.end());

  it('sees and writes the rows of the tenant that it moves, and of no other', async () => {
    const neighbour = await tenantOf(world.app.database, 'globex');
    const { rows } = await mover.query('select distinct organization_id from shared.crm_leads');
    expect(rows).toEqual([{ organization_id: world.mine.id }]);
    await expect(
      mover.query(`insert into shared.crm_leads (organization_id, id, name) values ($1, gen_random_uuid(), 'x')`, [
        neighbour.id,
      ]),
    ).rejects.toMatchObject({ code: '42501' });
    expect(
      (await mover.query('delete from shared.crm_leads where organization_id = $1', [neighbour.id])).rowCount,
    ).toBe(0);
  });

  it.each([
    'delete from shared.audit_log',
    `update tenancy.fence set state = 'moved'`,
    'select from tenancy.migrations',
    'select from core.moves',
    'create trigger mine after insert on shared.crm_leads for each row execute function tenancy.log_change()',
    'create schema mine',
    'set role tenantry_app',
  ])('may not: %s', async (sql) => {
    await expect(mover.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('removes nothing where the tenant is, not even by the functions made for it', async () => {
    for (const sql of ['select tenancy.assert_copy($1, $2)', 'select tenancy.remove_copied_audit($1, $2, 10)'])
      await expect(mover.query(sql, ['shared', world.mine.id])).rejects.toMatchObject({ code: 'TM004' });
  });

  it('turns no fence but from what it is, by the steps of a move', async () => {
    const turn = (...values: unknown[]) =>
      mover.query('select tenancy.turn_fence($1, $2, $3, $4, $5, $6)', [world.mine.id, ...values]);
    await expect(turn('active', 7, 'moved', 8, null)).rejects.toMatchObject({ code: 'TM003' });
    await expect(turn('active', 1, 'moved', 5, null)).rejects.toThrow(/does not turn/);
    await expect(turn('active', 1, 'none', null, null)).rejects.toThrow(/does not turn/);
    await expect(turn('none', null, 'incoming', 2, null)).rejects.toMatchObject({ code: 'TM003' });
  });

  it('gives triggers to tables of tenants alone', async () => {
    const capture = (schema: string, table: string) =>
      mover.query('select tenancy.capture($1, $2, $3)', [schema, table, world.mine.id]);
    await expect(capture('core', 'users')).rejects.toThrow(/no table of tenants/);
    await expect(capture('tenancy', 'fence')).rejects.toThrow(/no table of tenants/);
    await expect(capture('shared', 'nothing')).rejects.toThrow(/no table of tenants/);
  });
});

describe('a move', () => {
  let before: Record<string, string>;
  beforeAll(async () => {
    before = await world.sums(world.shared);
  });

  const request = (to: Place) => world.moves.request(world.mine.id, to.id);
  /** Stops the mover at a step, as long as `meanwhile` takes. */
  const during = (step: string, meanwhile: () => Promise<unknown>) => {
    let met = false;
    return async (name: string): Promise<void> => {
      if (met || name !== step) return;
      met = true;
      await meanwhile();
    };
  };
  /** Until core has that of a move. */
  const until = async (condition: string, id: string): Promise<void> => {
    const asked = `select from core.moves where id = $1 and ${condition}`;
    while ((await world.app.database.sql(asked, [id])).length === 0);
  };
  const untouched = async (place: Place): Promise<void> => {
    expect(await world.sums(world.shared)).toEqual(before);
    expect(await world.traces(world.shared)).toEqual([]);
    expect(await world.rows(place)).toBe(0);
    expect(await touched()).toBe(1);
  };
  /** Writes by the application: so many rows. */
  const touched = async (): Promise<number> => {
    const { tenancy } = world.plane;
    const rows = await tenancy.run(world.mine.id, () =>
      tenancy.write({ text: `update crm_leads set name = name where name = 'Lead 7' returning id`, values: [] }),
    );
    return rows.length;
  };

  it('is one for a tenant, and has one mover', async () => {
    const place = own.schema;
    const id = await request(place);
    await expect(request(place)).rejects.toMatchObject({ constraint: 'moves_unfinished_key' });
    const second = async () => {
      await expect(world.moves.run(id)).rejects.toMatchObject(CONFLICT);
    };
    expect(await world.moves.unfinished()).toEqual([id]);
    await world.moves.run(id, during('copying', second));
    await world.moves.run(await request(world.shared));
    expect(await world.moves.unfinished()).toEqual([]);
    await expect(request(world.shared)).rejects.toMatchObject(CONFLICT);
    expect(await world.sums(world.shared)).toEqual(before);
  });

  it('is taken back by the mover that has it in hand when somebody asks for that', async () => {
    const place = own.database;
    const id = await request(place);
    let asked: Promise<unknown> = Promise.resolve();
    const ask = async () => {
      asked = world.moves.abort(id);
      await until('abort_requested_at is not null', id);
    };
    expect(await world.moves.run(id, during('copied', ask))).toMatchObject({ status: 'aborted', error: null });
    expect(await asked).toMatchObject({ status: 'aborted' });
    await untouched(place);
  });

  it('lets go of a tenant whose writer does not end, and tries again', async () => {
    const place = own.schema;
    const { tenancy } = world.plane;
    const id = await request(place);
    let slow: Promise<unknown> = Promise.resolve();
    const write = () =>
      new Promise<void>((written) => {
        slow = tenancy.run(world.mine.id, () =>
          tenancy.transaction(async () => {
            await tenancy.write({ text: `update crm_leads set source = 'slow' where name = 'Lead 9'`, values: [] });
            written();
            await until('fence_tries > 0', id);
          }),
        );
      });
    const move = await world.moves.run(id, during('fencing', write));
    await slow;
    expect(move.status).toBe('done');
    expect(move.fenceTries).toBeGreaterThan(1);
    const [row] = await place.database.sql(`select source from ${place.schema}.crm_leads where name = 'Lead 9'`);
    expect(row).toEqual({ source: 'slow' });
    await world.app.database.sql(`update ${place.schema}.crm_leads set source = null where name = 'Lead 9'`);
    await world.moves.run(await request(world.shared));
    expect(await world.sums(world.shared)).toEqual(before);
  });

  it('fails before it copies to a place of another version, and the source is as it was', async () => {
    const place = own.schema;
    await world.app.database.sql(`alter table ${place.schema}.crm_leads add column later text`);
    const id = await request(place);
    await expect(world.moves.run(id)).rejects.toThrow(/not of one version: crm_leads/);
    expect(await world.moves.get(id)).toMatchObject({ status: 'failed', error: expect.stringContaining('crm_leads') });
    await untouched(place);
    await world.app.database.sql(`alter table ${place.schema}.crm_leads drop column later`);
  });

  it('fails when the copy is not what the source is', async () => {
    const place = own.database;
    const id = await request(place);
    const spoil = () =>
      place.database.sql(
        `update ${place.schema}.crm_leads set name = 'spoilt' where organization_id = $1 and name = 'Lead 8'`,
        [world.mine.id],
      );
    await expect(world.moves.run(id, during('catching_up', spoil))).rejects.toThrow(
      /not what the source is: crm_leads/,
    );
    await untouched(place);
  });

  it('goes back when its mover died between the fences and the target is not whole', async () => {
    const place = own.database;
    const id = await request(place);
    const die = () => Promise.reject(new Error('died'));
    await expect(world.moves.run(id, during('closed', die))).rejects.toThrow('died');
    await expect(touched()).rejects.toMatchObject({ code: 'TM001' });
    await place.database.sql(`delete from ${place.schema}.crm_leads where organization_id = $1 and name = 'Lead 8'`, [
      world.mine.id,
    ]);
    await expect(world.moves.run(id)).rejects.toThrow(/not what the source is/);
    expect(await world.moves.get(id)).toMatchObject({ status: 'failed' });
    await untouched(place);
  });

  it('goes on by itself when a server is lost between the fences', async () => {
    const place = own.database;
    const cut = () =>
      place.database.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'tenantry_mover'`,
      );
    const id = await request(place);
    expect(await world.moves.run(id, during('closed', cut))).toMatchObject({ status: 'done', error: null });
    await world.moves.run(await request(world.shared));
    expect(await world.sums(world.shared)).toEqual(before);
  });

  it('is taken back when its target is gone', async () => {
    const place = own.database;
    const id = await request(place);
    const die = () => Promise.reject(new Error('died'));
    await expect(world.moves.run(id, during('catching_up', die))).rejects.toThrow('died');
    const name = 'update core.locations set database_name = $1 where id = $2';
    const [stored] = await world.app.database.sql<{ name: string }>(
      'select database_name as name from core.locations where id = $1',
      [place.id],
    );
    await world.app.database.sql(name, ['nowhere', place.id]);
    expect(await world.moves.abort(id)).toMatchObject({ status: 'aborted', cleanedAt: null });
    expect(await world.moves.due()).toContain(id);
    await world.app.database.sql(name, [stored?.name, place.id]);
    expect(await world.moves.cleanUp(id)).toMatchObject({ cleanedAt: expect.any(String) });
    await untouched(place);
  });

  it('leaves nothing to be removed where its target was never made', async () => {
    const [place] = await world.app.database.sql<Place>(
      `insert into core.locations (id, isolation, server, database_name, schema_name)
       values (gen_random_uuid(), 'database', 'main', 'never_made', 'tenant') returning id`,
    );
    const move = await request(place as Place);
    expect(await world.moves.abort(move)).toMatchObject({ status: 'aborted', cleanedAt: null });
    expect(await world.moves.cleanUp(move)).toMatchObject({ cleanedAt: expect.any(String) });
  });

  it('is taken back while the server of its target swallows connections', async () => {
    const { urls, sql } = world.app.database;
    const proxy = await TcpProxy.before(urls.owner);
    proxy.silence();
    const servers = new Map([['silent', proxy.url]]);
    const pools = new database.Pools({ ...urls, servers }, { max: 1, tenantMax: 1, lifetimeMs: 60_000 });
    const moves = new tenancy.TenantMoves(pools, { prepare: () => Promise.resolve() }, { moveRetentionMs: 0 });
    const [place] = await sql<Place>(
      `insert into core.locations (id, isolation, server, database_name, schema_name)
       values (gen_random_uuid(), 'database', 'silent', 'never_made', 'tenant') returning id`,
    );
    expect(await moves.abort(await request(place as Place))).toMatchObject({ status: 'aborted', cleanedAt: null });
    await pools.close();
    await proxy.close();
  });

  it('keeps those out who migrate one of its places meanwhile', async () => {
    const place = own.schema;
    const owner = new pg.Client(world.app.database.urls.owner);
    await owner.connect();
    const tries = async () => {
      for (const { id } of [place, world.shared])
        expect(
          (await owner.query(`select pg_try_advisory_lock(${database.LOCATION_LOCK('$1::text')}) as free`, [id])).rows,
        ).toEqual([{ free: false }]);
    };
    await world.moves.run(await request(place), during('copying', tries));
    await owner.end();
    await world.moves.run(await request(world.shared));
  });
});

describe('what a move leaves', () => {
  it('is kept for a while and brought back by the same way, with what was written since', async () => {
    const { id } = await world.move(own.database);
    const left = await world.sums(world.shared);
    await world.plane.tenancy.run(world.mine.id, () =>
      world.plane.tenancy.write({ text: `delete from crm_leads where name = 'Lead 7'`, values: [] }),
    );
    expect(await world.sums(world.shared)).toEqual(left);
    await expect(world.moves.cleanUp(id)).rejects.toMatchObject(CONFLICT);
    expect(await world.moves.due()).not.toContain(id);
    const back = await world.moves.run(await world.moves.rollBack(id));
    expect(back).toMatchObject({ status: 'done', from: { id: own.database.id }, to: { id: world.shared.id } });
    const [row] = await world.app.database.sql(
      `select count(*)::int as count from shared.crm_leads where organization_id = $1 and name = 'Lead 7'`,
      [world.mine.id],
    );
    expect(row).toEqual({ count: 0 });
    await expect(world.moves.rollBack(id)).rejects.toMatchObject(CONFLICT);
  });

  it('is removed in the end, and never what the tenant has: not of a place that it came back to', async () => {
    const moves = await world.app.database.sql<{ id: string }>('select id from core.moves order by created_at');
    const [first, second] = moves.slice(-2).map(({ id }) => id);
    const before = await world.sums(world.shared);
    expect(await world.moves.cleanUp(first ?? '', { early: true })).toMatchObject({ cleanedAt: expect.any(String) });
    expect(await world.sums(world.shared)).toEqual(before);
    expect(await world.rows(own.database)).toBeGreaterThan(0);
    await world.moves.cleanUp(second ?? '', { early: true });
    expect(await world.rows(own.database)).toBe(0);
    expect(
      await own.database.database.sql('select from tenancy.fence where organization_id = $1', [world.mine.id]),
    ).toEqual([]);
    await expect(world.moves.rollBack(second ?? '')).rejects.toMatchObject(CONFLICT);
    expect(await world.sums(world.shared)).toEqual(before);
  });

  it('in another schema of one database is told from what the tenant has', async () => {
    const { schema } = own;
    const { id } = await world.move(schema);
    const before = await world.sums(schema);
    await world.moves.cleanUp(id, { early: true });
    expect(await world.rows(world.shared)).toBe(0);
    expect(await world.sums(schema)).toEqual(before);
  });

  it('is not removed while another move is under way, which may have its fence in the same database', async () => {
    const die = (at: string) => (step: string) => (step === at ? Promise.reject(new Error('died')) : undefined);
    let { id: earlier } = await world.move(world.shared);
    for (const [place, step] of [
      [own.database, 'closed'],
      [own.schema, 'catching_up'],
    ] as const) {
      const id = await world.moves.request(world.mine.id, place.id);
      await expect(world.moves.run(id, die(step))).rejects.toThrow('died');
      await expect(world.moves.cleanUp(earlier, { early: true })).rejects.toMatchObject(CONFLICT);
      expect(await world.moves.run(id)).toMatchObject({ status: 'done' });
      earlier = id;
    }
  });
});
