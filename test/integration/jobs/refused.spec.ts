import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { tenantOf } from '../../support/tenants.js';
import { makeWorld, until, type World } from './world.js';

interface Row {
  readonly data?: unknown;
  readonly group?: string | null;
  readonly key?: string | null;
}

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.app.close());

describe('a job that plain SQL put into the queue', () => {
  let kind: string;
  let ran: string[];
  beforeEach(async () => {
    kind = world.newKind();
    ran = [];
    world.jobs.handle(kind, (_, { organizationId }) => Promise.resolve(void ran.push(organizationId)));
    await world.ended(await world.send(world.theirs, kind, {}));
    ran = [];
  });

  const insert = async ({ data = null, group = null, key = null }: Row): Promise<string> => {
    const [row] = await world.app.database.sql<{ id: string }>(
      `insert into pgboss.job (name, data, group_id, singleton_key) values ($1, $2, $3, $4) returning id`,
      [kind, JSON.stringify(data), group, key],
    );
    // has the node look at once
    await world.send(world.theirs, kind, {}, { startAfter: 600 });
    return row?.id ?? '';
  };
  /** As `send` would have it, but for what is changed. */
  const forged = (organizationId: string, changed: Row & { epoch?: number | null } = {}): Promise<string> =>
    insert({
      data: { organizationId, epoch: 'epoch' in changed ? changed.epoch : 1, payload: {} },
      group: organizationId,
      key: `${organizationId}/${randomUUID()}`,
      ...changed,
    });

  it.each<[string, () => Promise<string>, RegExp]>([
    ['names no tenant', () => insert({}), /names no tenant/],
    ['names none that could be', () => forged('testcorp'), /names no tenant/],
    ['has no epoch', () => forged(world.mine.id, { epoch: null }), /has no epoch/],
    ['has a key without the tenant', () => forged(world.mine.id, { key: 'nightly' }), /key is not of the tenant/],
    ['is another’s by its key', () => forged(world.mine.id, { key: `${world.theirs.id}/k` }), /key is not of/],
    ['waits in another’s turn', () => forged(world.mine.id, { group: world.theirs.id }), /key is not of the tenant/],
    ['is of a tenant that is not', () => forged(randomUUID()), /there is no tenant/],
    ['has a newer epoch than core', () => forged(world.mine.id, { epoch: 2 }), /epoch 2 is newer .* another database/],
  ])('and that %s has failed for good, and has not run', async (_, put, reason) => {
    const job = await world.ended(await put());
    expect({ state: job.state, tries: job.retry_count, ran }).toEqual({ state: 'failed', tries: 0, ran: [] });
    expect(job.output?.message).toMatch(reason);
  });

  it('runs when nothing is wrong with it', async () => {
    expect(await world.ended(await forged(world.mine.id))).toMatchObject({ state: 'completed' });
    expect(ran).toEqual([world.mine.id]);
  });
});

describe('a job of a tenant', () => {
  let kind: string;
  let ran: number[];
  beforeEach(() => {
    kind = world.newKind();
    ran = [];
    world.jobs.handle(kind, (_, { attempt }) => Promise.resolve(void ran.push(attempt)));
  });
  const update = (set: string, code: string) =>
    world.app.database.sql(`update core.organizations set ${set} where tenant_code = $1`, [code]);

  it('that was deleted meanwhile is dropped', async () => {
    const doomed = await tenantOf(world.app.database, 'initech');
    const id = await world.send(doomed, kind, {}, { startAfter: 1 });
    await update('deleted_at = now()', 'initech');
    expect(await world.ended(id)).toMatchObject({ state: 'cancelled' });
    expect(ran).toEqual([]);
    await expect(world.jobs.sendFor(doomed.id, kind, {})).rejects.toMatchObject({ status: 404 });
    await update('deleted_at = null', 'initech');
  });

  it('that is suspended runs: what the platform does for it goes on', async () => {
    await update(`status = 'suspended'`, 'globex');
    expect(await world.ended(await world.send(world.theirs, kind, {}))).toMatchObject({ state: 'completed' });
    await update(`status = 'active'`, 'globex');
    expect(ran).toEqual([1]);
  });

  it('whose place is not in service is put off, which counts as no attempt', async () => {
    const { sql } = world.app.database;
    await sql(`update core.locations set status = 'migrating'`);
    const id = await world.jobs.sendFor(world.mine.id, kind, {});
    await until(async () => (await world.stored(id)).state === 'retry');
    await sql(`update core.locations set status = 'ready'`);
    expect(await world.ended(id)).toMatchObject({ state: 'completed', retry_count: 0 });
    expect(ran).toEqual([1]);
  });

  it('whose writers are kept out, since it is being moved, is put off as well', async () => {
    const writes = world.newKind();
    world.jobs.handle(writes, async (_, { attempt }) => {
      ran.push(attempt);
      await world.plane.tenancy.write({ text: `update crm_leads set source = 'A job'`, values: [] });
    });
    const mover = new pg.Client(world.app.database.urls.superuser);
    await mover.connect();
    await mover.query(`select pg_advisory_lock(hashtextextended('tenant:' || $1, 0))`, [world.mine.id]);
    const id = await world.send(world.mine, writes, {});
    await until(async () => (await world.stored(id)).state === 'retry');
    await mover.end();
    expect(await world.ended(id)).toMatchObject({ state: 'completed', retry_count: 0 });
    expect(ran).toEqual([1, 1]);
    const [row] = await world.app.database.sql<{ of: string[] }>(
      `select array_agg(distinct organization_id::text) as of from shared.crm_leads where source = 'A job'`,
    );
    expect(row?.of).toEqual([world.mine.id]);
  });

  it('is sent inside of a tenant’s scope only, and of a kind that somebody handles', async () => {
    await expect(world.jobs.send(kind, {})).rejects.toThrow('no tenancy scope is open');
    await expect(world.send(world.mine, 'nobody.knows', {})).rejects.toThrow('nothing handles');
    expect(() => {
      world.jobs.handle(kind, () => Promise.resolve());
    }).toThrow('handled already');
  });

  it('is out of the queue when the tenant is forgotten, and nobody else’s is', async () => {
    const [gone, stays] = await Promise.all(
      [world.mine, world.theirs].map((tenant) => world.send(tenant, kind, {}, { startAfter: 600 })),
    );
    await world.jobs.forget(world.mine.id);
    await expect(world.stored(gone ?? '')).rejects.toThrow('there is no job');
    expect(await world.stored(stays ?? '')).toMatchObject({ state: 'created' });
  });
});
