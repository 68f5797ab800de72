import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Lead } from '../../support/dist.js';
import { ISOLATIONS } from '../../support/places.js';
import { makeWorlds, STARTS_MS, type World, type Worlds } from './world.js';

let worlds: Worlds;
beforeAll(async () => {
  worlds = await makeWorlds();
}, STARTS_MS);
afterAll(() => worlds.close());

describe.each(ISOLATIONS)('walls 2 and 1 without wall 4, in %s: with the policies taken away', (isolation) => {
  let world: World;
  beforeAll(async () => {
    world = worlds[isolation];
    await world.at.sql('alter table crm_leads no force row level security, disable row level security');
    // nothing else stands between the login and the other's rows
    const app = new pg.Client(world.url('app'));
    await app.connect();
    const { rowCount } = await app.query(
      `select from ${world.mine.placement.schema}.crm_leads where organization_id = $1`,
      [world.theirs.id],
    );
    await app.end();
    expect(rowCount).toBeGreaterThan(0);
  });

  it('the filter keeps find, findOne, count and updates inside the tenant', async () => {
    const leads = await world.asMine(() => world.em.find(Lead, {}));
    expect(new Set(leads.map((lead) => lead.organizationId))).toEqual(new Set([world.mine.id]));
    expect(await world.asMine(() => world.em.count(Lead))).toBe(leads.length);
    expect(await world.asMine(() => world.em.findOne(Lead, { id: world.theirLead }))).toBeNull();
    expect(await world.asMine(() => world.em.nativeUpdate(Lead, { id: world.theirLead }, { name: 'stolen' }))).toBe(0);
  });

  it('the flush guard refuses a change of the other tenant’s row', async () => {
    const before = await world.theirRows();
    const steal = world.inUnit(async () => {
      const lead = await world.em.findOneOrFail(Lead, { id: world.theirLead }, { filters: false });
      lead.name = 'stolen';
      await world.em.flush();
    });
    await expect(steal).rejects.toThrow('another organization');
    expect(await world.theirRows()).toEqual(before);
  });

  it('the resource controller sees, changes and exports its own tenant’s rows alone', async () => {
    const admin = await world.app.signIn(world.adminEmail);
    const before = await world.theirRows();
    const { body } = await admin.get('/crm/leads?limit=500&with_total=true');
    expect(new Set((body as { items: { tenant_id: string }[] }).items.map((lead) => lead.tenant_id))).toEqual(
      new Set([world.mine.id]),
    );
    const own = await world.at.sql('select from crm_leads where organization_id = $1 and deleted_at is null', [
      world.mine.id,
    ]);
    expect((body as { total: number }).total).toBe(own.length);
    const path = `/crm/leads/${world.theirLead}`;
    expect((await admin.get(path)).status).toBe(404);
    expect((await admin.patch(path, { name: 'stolen' })).status).toBe(404);
    expect((await admin.delete(path)).status).toBe(404);
    expect((await admin.delete(`${path}?hard=true`)).status).toBe(404);
    expect((await admin.post(`${path}/restore`)).status).toBe(404);
    expect(
      (await admin.post('/crm/leads/bulk', { items: [{ op: 'update', id: world.theirLead, name: 'stolen' }] })).status,
    ).toBe(422);
    expect((await admin.get('/crm/leads.csv')).text).not.toContain(world.theirs.id);
    expect(await world.theirRows()).toEqual(before);
  });
});
