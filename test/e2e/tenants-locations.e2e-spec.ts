import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { Provisioning } from '../support/dist.js';
import {
  bodyOf,
  eventually,
  idsOf,
  type Made,
  madeBy,
  refused,
  STARTS_MS,
  tenantsWorld,
  type TenantsWorld,
} from './tenants-world.js';

const OWN = [
  ['schema', { license_tier: 'professional', isolation: 'schema' }],
  ['database', { license_tier: 'enterprise', isolation: 'database' }],
] as const;
const STEPS = ['defaults', 'fence', 'ready', 'tables'];

interface Place {
  readonly id: string;
  readonly isolation: string;
  readonly server: string;
  readonly database_name: string | null;
  readonly schema_name: string;
  readonly status: string;
  readonly migration: string;
}

describe('a tenant in a location of its own', () => {
  let world: TenantsWorld;
  let sql: TenantsWorld['sql'];
  beforeAll(async () => {
    world = await tenantsWorld();
    sql = (text, values) => world.sql(text, values);
  }, STARTS_MS);
  afterAll(() => world.close());

  /** The first database of a server waits for its template, and is told of by 202. */
  const tenant = async (more: object): Promise<Made> => {
    const begun = await world.root.post('/tenants', bodyOf(more));
    if (begun.status !== 202) return madeBy(begun);
    const { id } = begun.body as { id: string };
    const isReady = ({ body }: Answer) => (body as { location: Pick<Place, 'status'> }).location.status === 'ready';
    for (;;) {
      const answer = await world.root.get(`/tenants/${id}`);
      if (isReady(answer)) return madeBy({ ...answer, status: 201 });
    }
  };
  const placeOf = async ({ id }: Made): Promise<Place> => {
    const [place] = await sql<Place>(
      'select l.* from core.locations l join core.organizations o on o.location_id = l.id where o.id = $1',
      [id],
    );
    if (place === undefined) throw new Error('it has no location');
    return place;
  };
  /** Plain SQL as the superuser in the database of a place. */
  const inside = async <Row extends object>({ database_name }: Place, text: string, values: unknown[] = []) => {
    const url = new URL(world.app.database.urls.superuser);
    if (database_name !== null) url.pathname = `/${database_name}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const lead = (admin: Client, name = 'Ada') => admin.post('/crm/leads', { name });

  describe.each(OWN)('%s', (isolation, asked) => {
    let made: Made;
    let place: Place;
    let admin: Client;
    beforeAll(async () => {
      made = await tenant(asked);
      place = await placeOf(made);
      admin = await world.adminOf(made);
    }, STARTS_MS);

    it('is named by its code and the end of its id, and is ready', async () => {
      const name = `tenant_${made.row.tenant_code.replaceAll('-', '_')}_${made.id.slice(-8)}`;
      expect(place).toMatchObject({
        isolation,
        server: 'main',
        status: 'ready',
        ...(isolation === 'schema'
          ? { database_name: null, schema_name: name }
          : { database_name: name, schema_name: 'tenant' }),
      });
      expect((await world.root.get(`/tenants/${made.id}`)).body).toMatchObject({
        isolation,
        location: { isolation, server: 'main', status: 'ready' },
      });
      for (const each of ['shared', 'schema', 'database']) {
        const found = idsOf(await world.root.get(`/tenants?isolation=${each}`));
        expect([each, found.includes(made.id)]).toEqual([each, each === isolation]);
      }
    });

    it('has its steps recorded, its fence and what every tenant begins with there', async () => {
      const steps = await sql<{ step: string; finished: boolean; last_error: null }>(
        'select step, finished_at is not null as finished, last_error from core.location_steps where location_id = $1 order by 1',
        [place.id],
      );
      expect(steps).toEqual(STEPS.map((step) => ({ step, finished: true, last_error: null })));
      expect(
        await inside(place, 'select organization_id, epoch, state from tenancy.fence where organization_id = $1', [
          made.id,
        ]),
      ).toEqual([{ organization_id: made.id, epoch: 1, state: 'active' }]);
      expect(await inside(place, `select board_code from "${place.schema_name}".boards`)).toEqual([
        { board_code: 'notice' },
      ]);
      expect(await sql('select from shared.boards where organization_id = $1', [made.id])).toEqual([]);
    });

    it('keeps its rows there, behind the same walls', async () => {
      const written = await lead(admin);
      expect(written.status).toBe(201);
      const { id } = written.body as { id: string };
      expect(await inside(place, `select id, organization_id from "${place.schema_name}".crm_leads`)).toEqual([
        { id, organization_id: made.id },
      ]);
      expect(await sql('select from shared.crm_leads where id = $1', [id])).toEqual([]);
      expect((await admin.get(`/crm/leads/${id}`)).status).toBe(200);
      refused(await world.admin.get(`/crm/leads/${id}`), 404, 'not_found');
      const [walls] = await inside<{ open: number }>(
        place,
        `select count(*)::int as open from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)`,
        [place.schema_name],
      );
      expect(walls).toEqual({ open: 0 });
    });

    it('is shut for itself alone while it is older than the node needs', async () => {
      await sql(`update core.locations set migration = 'Migration20200101000000_old' where id = $1`, [place.id]);
      refused(await eventually(503, () => lead(admin)), 503, 'unavailable');
      expect((await lead(world.admin)).status).toBe(201);
      await sql('update core.locations set migration = $2 where id = $1', [place.id, place.migration]);
      expect((await eventually(201, () => lead(admin))).status).toBe(201);
    });
  });

  it('is out of service alone while its database cannot be reached, and comes back by itself', async () => {
    const made = await tenant(OWN[1][1]);
    const admin = await world.adminOf(made);
    const { database_name: name } = await placeOf(made);
    expect((await lead(admin)).status).toBe(201);
    await sql(`alter database ${String(name)} with allow_connections false`);
    await sql('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    const shut = await eventually(503, () => lead(admin));
    refused(shut, 503, 'unavailable');
    expect(shut.headers.get('retry-after')).not.toBeNull();
    expect((await lead(world.admin)).status).toBe(201);
    await sql(`alter database ${String(name)} with allow_connections true`);
    expect((await eventually(201, () => lead(admin))).status).toBe(201);
  });

  it.each([
    ['schema', 'starter'],
    ['database', 'professional'],
  ])('asks own_%s of its plan: not of %s', async (isolation, license_tier) => {
    const before = await sql('select count(*) from core.organizations');
    const answer = await world.root.post('/tenants', bodyOf({ isolation, license_tier }));
    refused(answer, 403, 'not_entitled');
    expect(answer.body).toMatchObject({ required: `own_${isolation}`, reason: 'not_in_plan' });
    expect(await sql('select count(*) from core.organizations')).toEqual(before);
  });

  it.each([
    [{ ...OWN[1][1], server: 'nowhere' }, 'not_found'],
    [{ ...OWN[0][1], server: 'eu-1' }, 'not_here'],
    [{ server: 'eu-1' }, 'not_here'],
  ])('is refused at server: %j', async (more, fault) => {
    refused(await world.root.post('/tenants', bodyOf(more)), 422, 'validation_failed', 'server', fault);
  });

  it.each(OWN)(
    '%s: half-made by a node that may make nothing, shut, and finished by one that may',
    async (_, asked) => {
      const serving = await startApp(world.app.database, { DATABASE_URL: '' });
      try {
        const root = await serving.signIn('superadmin@example.com');
        const begun = await root.post('/tenants', bodyOf(asked));
        expect(begun).toMatchObject({ status: 202, body: { location: { status: 'provisioning' } } });
        const made = madeBy({ ...begun, status: 201 });
        const admin = await world.adminOf(made);
        refused(await lead(admin), 503, 'unavailable');
        const { id } = await placeOf(made);
        const failed =
          'select step, last_error from core.location_steps where location_id = $1 and last_error is not null';
        expect(await sql(failed, [id])).toMatchObject([{ step: 'tables' }]);
        expect(await world.app.app.get(Provisioning).resume(0)).toBe(1);
        expect((await eventually(201, () => lead(admin))).status).toBe(201);
        expect(await sql(failed, [id])).toEqual([]);
      } finally {
        await serving.close();
      }
    },
  );
});
