import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Jobs } from '../../../src/platform/jobs/index.js';
import { jobs as jobsModule, tenancy as tenancyModule } from '../../support/dist.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';
import { makeWorld, type World } from '../moving/world.js';
import { until } from './world.js';

interface Seen {
  readonly organizationId: string;
  readonly sent: number;
  readonly here: { epoch: number; schema: string; database: string };
  readonly companies: string[];
}

describe('a job of a tenant that moves', () => {
  let world: World;
  let jobs: Jobs;
  let neighbour: Tenant;
  const seen: Seen[] = [];
  beforeAll(async () => {
    world = await makeWorld(10);
    jobs = world.app.app.get(jobsModule.Jobs);
    neighbour = await tenantOf(world.app.database, 'globex');
    for (const { id, code } of [world.mine, neighbour])
      await world.app.database.sql('update shared.crm_leads set company = $2 where organization_id = $1', [id, code]);
    jobs.handle('test.looks', async (_, { organizationId, epoch }) => {
      const { epoch: now, schema, database } = tenancyModule.currentPlacement();
      const leads = await world.plane.tenancy.read<{ company: string }>({
        text: 'select distinct company from crm_leads order by 1',
        values: [],
      });
      await world.plane.tenancy.write({
        text: `insert into crm_leads (organization_id, id, name) values ($1, gen_random_uuid(), 'By a job')`,
        values: [organizationId],
      });
      const here = { epoch: now, schema, database };
      seen.push({ organizationId, sent: epoch, here, companies: leads.map(({ company }) => company) });
    });
  });
  afterAll(() => world.close());

  const send = (id: string) => world.plane.tenancy.run(id, () => jobs.send('test.looks', {}, { startAfter: 600 }));
  const becomeDue = () => world.app.database.sql(`update pgboss.job set start_after = now() where state = 'created'`);
  const written = ({ schema, database }: Awaited<ReturnType<World['newSchema']>>, id: string) =>
    database.sql(`select from ${schema}.crm_leads where organization_id = $1 and name = 'By a job'`, [id]);

  it('runs at the new place when it was sent before, sees its own rows alone, and leaves the old place alone', async () => {
    const place = await world.newDatabase();
    await send(world.mine.id);
    await send(neighbour.id);
    expect(await world.move(place)).toMatchObject({ status: 'done' });
    await becomeDue();
    await until(() => seen.length === 2);
    expect(seen.find(({ organizationId }) => organizationId === world.mine.id)).toMatchObject({
      ...{ sent: 1, companies: ['testcorp'] },
      here: { epoch: 2, schema: place.schema, database: expect.stringMatching(/^tenant_/) },
    });
    expect(seen.find(({ organizationId }) => organizationId === neighbour.id)).toMatchObject({
      ...{ sent: 1, companies: ['globex'] },
      here: { epoch: 1, schema: 'shared' },
    });
    const rows = await Promise.all([
      written(place, world.mine.id),
      written(world.shared, world.mine.id),
      written(world.shared, neighbour.id),
      written(place, neighbour.id),
    ]);
    expect(rows.map(({ length }) => length)).toEqual([1, 0, 1, 0]);
  });

  it('that runs during the move goes on at the new place, and loses nothing', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const places: string[] = [];
    jobs.handle('test.long', async (_, { organizationId }) => {
      for (const moved of [false, true]) {
        if (moved) await held;
        await world.plane.tenancy.write({
          text: `insert into crm_leads (organization_id, id, name) values ($1, gen_random_uuid(), 'During a move')`,
          values: [organizationId],
        });
        places.push(tenancyModule.currentPlacement().schema);
      }
    });
    const place = await world.newSchema();
    await world.plane.tenancy.run(world.mine.id, () => jobs.send('test.long', {}));
    await until(() => places.length === 1);
    expect(await world.move(place)).toMatchObject({ status: 'done' });
    go();
    await until(() => places.length === 2);
    expect(places[1]).toBe(place.schema);
    const rows = await place.database.sql(
      `select from ${place.schema}.crm_leads where organization_id = $1 and name = 'During a move'`,
      [world.mine.id],
    );
    expect(rows).toHaveLength(2);
  });
});
