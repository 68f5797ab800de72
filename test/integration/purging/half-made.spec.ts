import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../../support/client.js';
import { database as product, NewTenants, OwnLocations, purges } from '../../support/dist.js';
import { rowsOf } from '../../support/oracles.js';
import { makeWorld, type World } from './world.js';

const YEAR_MS = 365 * 86_400_000;
const UNDO = { kind: 'half_made' } as const;
const CONFLICT = { definition: { code: 'conflict' } };
type Own = Parameters<InstanceType<typeof OwnLocations>['finish']>[0];

describe('a tenant that was never finished', () => {
  let world: World;
  let root: Client;
  // it makes no schema and no database: what it is asked for stays half-made
  beforeAll(async () => {
    world = await makeWorld({ DATABASE_URL: '' });
    root = await world.app.signIn('superadmin@example.com');
  });
  afterAll(() => world.close());

  const make = async (code: string, isolation: string): Promise<string> => {
    const body = {
      tenant_code: code,
      tenant_name: code,
      admin_email: `admin@${code}.example`,
      license_tier: 'enterprise',
      isolation,
    };
    return ((await root.post('/tenants', body)).body as { id: string }).id;
  };
  const ownOf = async (id: string): Promise<Own> => {
    const [own] = await world.database.sql<Own>(
      `select l.id, l.isolation, l.server, l.database_name as "databaseName", l.schema_name as "schemaName", o.id as "organizationId", o.epoch
       from core.organizations o join core.locations l on l.id = o.location_id where o.id = $1`,
      [id],
    );
    if (own === undefined) throw new Error('it has no location');
    return own;
  };
  const expectGone = async (id: string, own?: Own): Promise<void> => {
    const { sql } = world.database;
    expect(Object.keys(await world.remains(id))).toEqual(['core.tombstones']);
    expect(await sql('select from core.organizations where id = $1', [id])).toEqual([]);
    expect(await sql('select from core.locations where id = $1', [own?.id])).toEqual([]);
    expect(await sql('select from core.location_steps where location_id = $1', [own?.id])).toEqual([]);
    expect(await sql('select from pg_namespace where nspname = $1', [own?.schemaName])).toEqual([]);
    expect(await sql('select from pg_database where datname = $1', [own?.databaseName])).toEqual([]);
  };

  it.each(['schema', 'database'])('is undone before its %s was made', async (isolation) => {
    const id = await make(`never-${isolation}`, isolation);
    const own = await ownOf(id);
    const { rows } = await world.purges.run(id, UNDO);
    expect(rows).toMatchObject({ 'core.users': 1, 'core.user_groups': 4, 'core.menus': 5 });
    await expectGone(id, own);
    // the code is free
    expect(await make(`never-${isolation}`, 'shared')).not.toBe(id);
  });

  it.each(['schema', 'database'])('is undone with the %s that was made already, and its fence', async (isolation) => {
    const id = await make(`nearly-${isolation}`, isolation);
    const own = await ownOf(id);
    const maker = new product.LocationMaker(world.database.urls);
    if (own.databaseName === null) {
      await maker.makeSchema(own.schemaName);
      await world.database.sql(`insert into tenancy.fence (organization_id, epoch, state) values ($1, 1, 'active')`, [
        id,
      ]);
    } else await maker.makeDatabase({ server: 'main', database: own.databaseName, location: own.id });
    await world.purges.run(id, UNDO);
    await expectGone(id, own);
  });

  it('is undone in the shared tables, with what it had there', async () => {
    const id = await make('nearly-shared', 'shared');
    await world.database.sql('update core.organizations set location_id = null where id = $1', [id]);
    const { rows } = await world.purges.run(id, UNDO);
    expect(rows).toMatchObject({ boards: 1, 'core.users': 1 });
    await expectGone(id);
  });

  it('is not made by somebody who wanted to go on with it, and not undone once it is finished', async () => {
    const id = await make('late', 'schema');
    const own = await ownOf(id);
    await world.purges.run(id, UNDO);
    await expect(world.app.app.get(OwnLocations).finish(own)).rejects.toMatchObject({
      definition: { code: 'not_found' },
    });
    await expectGone(id, own);
    await expect(world.purges.run(world.mine.id, UNDO)).rejects.toMatchObject({
      ...CONFLICT,
      detail: 'This tenant has been finished meanwhile.',
    });
    expect((await rowsOf(world.database, world.mine.id)).size).toBeGreaterThan(1500);
  });

  it('is none that says so itself: a setting of its own changes nothing', async () => {
    const { database, mine } = world;
    await database.sql(`update core.organizations set settings = settings || '{"restoring": true}' where id = $1`, [
      mine.id,
    ]);
    await expect(world.purges.run(mine.id, UNDO)).rejects.toMatchObject(CONFLICT);
    await world.deleteIt();
    await expect(world.purges.run(mine.id, UNDO)).rejects.toMatchObject(CONFLICT);
    expect(await world.purges.due(0)).toEqual([mine.id]);
    // a node that may drop nothing purges nobody
    await world.deleteIt(YEAR_MS);
    await world.app.app.get(purges.PurgeRunner).sweep();
    expect(
      await database.sql('select from core.organizations where id = $1 and purge is null', [mine.id]),
    ).toHaveLength(1);
    await database.sql(`update core.organizations set deleted_at = null where id = $1`, [mine.id]);
  });

  it('leaves no tombstone where it was to come from an archive, which is still good, and is not swept up', async () => {
    const { sql } = world.database;
    const id = '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2d01';
    await sql(
      `insert into core.organizations (id, tenant_code, tenant_name, status, settings, deleted_at)
       values ($1, 'restoring', 'x', 'inactive', '{"restoring": true}', now() - interval '1 year')`,
      [id],
    );
    expect(await world.purges.due(0)).toEqual([]);
    await world.purges.run(id, UNDO);
    expect(await world.remains(id)).toEqual({});
  });

  it('gives its id to nobody else', async () => {
    const id = await make('once', 'shared');
    await world.database.sql('update core.organizations set location_id = null where id = $1', [id]);
    await world.purges.run(id, UNDO);
    const again = { tenant_code: 'once', tenant_name: 'x', admin_email: 'a@once.example' };
    await expect(world.app.app.get(NewTenants).make(again, { id })).rejects.toMatchObject({
      definition: { code: 'validation_failed' },
    });
    await expectGone(id);
  });
});
