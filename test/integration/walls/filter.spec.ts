import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Lead } from '../../support/dist.js';
import { makeWorld, type World } from './world.js';

describe('walls 2 and 1 without wall 4: with the policies taken away', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
    await world.app.database.sql(
      'alter table shared.crm_leads no force row level security, disable row level security',
    );
    const [seen] = await world.app.database.sql<{ rowsecurity: boolean }>(
      `select rowsecurity from pg_tables where tablename = 'crm_leads'`,
    );
    expect(seen?.rowsecurity).toBe(false);
  });
  afterAll(() => world.app.close());

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
    const admin = await world.app.signIn('admin@testcorp.com');
    const before = await world.theirRows();
    const { body } = await admin.get('/crm/leads?limit=500&with_total=true');
    expect(new Set((body as { items: { tenant_id: string }[] }).items.map((lead) => lead.tenant_id))).toEqual(
      new Set([world.mine.id]),
    );
    const own = await world.app.database.sql(
      'select from shared.crm_leads where organization_id = $1 and deleted_at is null',
      [world.mine.id],
    );
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
