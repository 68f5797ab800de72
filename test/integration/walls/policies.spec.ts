import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { Lead } from '../../support/dist.js';
import { ISOLATIONS } from '../../support/places.js';
import { makeWorlds, STARTS_MS, type World, type Worlds } from './world.js';

interface OrganizationRow {
  organization_id: string;
}

let worlds: Worlds;
beforeAll(async () => {
  worlds = await makeWorlds();
}, STARTS_MS);
afterAll(() => worlds.close());

describe.each(ISOLATIONS)('wall 4 without wall 2, in %s: policies hold where the filter is not asked', (isolation) => {
  let world: World;
  let before: unknown[];
  beforeAll(() => {
    world = worlds[isolation];
  });
  beforeEach(async () => {
    before = await world.theirRows();
    expect(before.length).toBeGreaterThan(0);
  });
  afterEach(async () => {
    expect(await world.theirRows()).toEqual(before);
  });

  const onlyMine = (ids: string[]) => {
    expect(new Set(ids)).toEqual(new Set([world.mine.id]));
  };

  it('by find with the filter switched off', async () => {
    onlyMine(
      (await world.asMine(() => world.em.find(Lead, {}, { filters: false }))).map((lead) => lead.organizationId),
    );
    expect(await world.asMine(() => world.em.findOne(Lead, { id: world.theirLead }, { filters: false }))).toBeNull();
  });

  it('by raw SQL', async () => {
    const read = () => world.em.execute<OrganizationRow[]>('select organization_id from crm_leads');
    onlyMine((await world.inUnit(read)).map((row) => row.organization_id));
    await world.inUnit(() => world.em.execute(`update crm_leads set name = 'stolen' where id = ?`, [world.theirLead]));
    await world.inUnit(() => world.em.execute(`delete from crm_leads where id = ?`, [world.theirLead]));
  });

  it('by a statement behind the fence', async () => {
    const rows = await world.asMine(() =>
      world.plane.tenancy.read<OrganizationRow>({ text: 'select organization_id from crm_leads', values: [] }),
    );
    onlyMine(rows.map((row) => row.organization_id));
    const stolen = {
      text: `update crm_leads set name = 'stolen' where organization_id = $1 returning id`,
      values: [world.theirs.id],
    };
    expect(await world.asMine(() => world.plane.tenancy.write(stolen))).toEqual([]);
  });

  it('by the QueryBuilder', async () => {
    const rows = await world.inUnit(() => world.em.createQueryBuilder(Lead).select('*').getResultList());
    onlyMine(rows.map((lead) => lead.organizationId));
    await world.inUnit(async () => {
      await world.em.createQueryBuilder(Lead).update({ name: 'stolen' }).where({ id: world.theirLead }).execute();
    });
  });

  it('by Kysely', async () => {
    const rows = await world.inUnit(() =>
      world.em.getKysely<{ crm_leads: OrganizationRow }>().selectFrom('crm_leads').select('organization_id').execute(),
    );
    onlyMine(rows.map((row) => row.organization_id));
  });

  it('by upsert, which would take the row over', async () => {
    const upsert = (organizationId: string) =>
      world.inUnit(() => world.em.upsert(Lead, { organizationId, id: world.theirLead, name: 'stolen' }));
    await expect(upsert(world.theirs.id)).rejects.toThrow();
    // the key carries the organization: the same id is another row, of mine
    await upsert(world.mine.id);
  });

  it('by getReference and flush', async () => {
    const attempt = world.inUnit(async () => {
      const lead = world.em.getReference(Lead, [world.theirs.id, world.theirLead] as never);
      lead.name = 'stolen';
      await world.em.flush();
    });
    await expect(attempt).rejects.toThrow();
  });

  it('by native updates and deletes without the filter', async () => {
    const where = { id: world.theirLead };
    expect(
      await world.asMine(() =>
        world.em.nativeUpdate(
          Lead,
          { organizationId: world.theirs.id, ...where },
          { name: 'stolen' },
          { filters: false },
        ),
      ),
    ).toBe(0);
    expect(
      await world.asMine(() =>
        world.em.nativeDelete(Lead, { organizationId: world.theirs.id, ...where }, { filters: false }),
      ),
    ).toBe(0);
  });

  it('against a row that is written into the other tenant', async () => {
    const insert = (organization: string) => ({
      text: `insert into crm_leads (organization_id, id, name) values ($1, gen_random_uuid(), 'planted')`,
      values: [organization],
    });
    await expect(world.asMine(() => world.plane.tenancy.write(insert(world.theirs.id)))).rejects.toMatchObject({
      code: '42501',
    });
    const create = world.inUnit(async () => {
      world.em.create(Lead, { organizationId: world.theirs.id, name: 'planted' } as never);
      await world.em.flush();
    });
    await expect(create).rejects.toThrow('another organization');
  });
});
