import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DomainEvent, EventHandlers, Outbox } from '../../src/platform/events/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { events, tenancy as tenancyModule } from '../support/dist.js';
import { planeOf } from '../support/plane.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

describe('the outbox', () => {
  let app: TestApp;
  let outbox: Outbox;
  let handlers: EventHandlers;
  let tenant: Tenant;
  let plane: ReturnType<typeof planeOf>;
  beforeAll(async () => {
    app = await startApp();
    outbox = app.app.get(events.Outbox);
    handlers = app.app.get(events.EventHandlers);
    tenant = await tenantOf(app.database, 'testcorp');
    plane = planeOf(app.app);
  });
  afterAll(() => app.close());

  let name: string;
  let told: DomainEvent[];
  beforeEach(() => {
    name = `test.${String(Math.random())}`;
    told = [];
  });
  const until = async (done: () => boolean | Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 10_000; Date.now() < end;) {
      if (await done()) return;
      await sleep(20);
    }
    throw new Error('it did not come to pass');
  };
  const publish = (payload: Record<string, unknown>, fail = false) =>
    plane.tenancy.run(tenant.id, () =>
      plane.tenancy.transaction(async () => {
        await outbox.publish(name, payload);
        if (fail) throw new Error('rolled back');
      }),
    );
  const unpublished = () =>
    app.database.sql('select from shared.outbox where event = $1 and published_at is null', [name]);

  it('tells handlers after the commit, inside the tenant, and marks the event as told', async () => {
    handlers.on(name, async (event) => {
      told.push(event);
      expect(tenancyModule.currentPlacement().organizationId).toBe(tenant.id);
      await Promise.resolve();
    });
    await publish({ n: 1 });
    await until(() => told.length === 1);
    expect(told).toMatchObject([{ event: name, organizationId: tenant.id, payload: { n: 1 } }]);
    await until(async () => (await unpublished()).length === 0);
  });

  it('tells nothing of a unit of work that was rolled back', async () => {
    handlers.on(name, (event) => Promise.resolve(void told.push(event)));
    await expect(publish({ n: 1 }, true)).rejects.toThrow('rolled back');
    await publish({ n: 2 });
    await until(() => told.length === 1);
    expect(told[0]?.payload).toEqual({ n: 2 });
  });

  it('tells again what a handler failed at, and undoes what that attempt had written', async () => {
    handlers.on(name, async (event) => {
      told.push(event);
      await plane.tenancy.write({
        text: `update crm_leads set source = $1 where organization_id = $2`,
        values: [`attempt ${String(told.length)}`, tenant.id],
      });
      if (told.length === 1) throw new Error('not yet');
    });
    await publish({ n: 1 });
    await until(() => told.length === 2);
    await until(async () => (await unpublished()).length === 0);
    const sources = await app.database.sql('select distinct source from shared.crm_leads where organization_id = $1', [
      tenant.id,
    ]);
    expect(sources).toEqual([{ source: 'attempt 2' }]);
  });

  it('finds what a node that died had left behind', async () => {
    handlers.on(name, (event) => Promise.resolve(void told.push(event)));
    await app.database.sql(
      `insert into shared.outbox (organization_id, id, event, payload) values ($1, gen_random_uuid(), $2, '{"left": true}')`,
      [tenant.id, name],
    );
    await until(() => told.length === 1);
  });

  it('refuses an event outside of a unit of work', async () => {
    await expect(plane.tenancy.run(tenant.id, () => outbox.publish(name, {}))).rejects.toThrow(
      'inside tenancy.transaction',
    );
  });
});
