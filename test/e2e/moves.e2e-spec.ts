import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startApp } from '../support/app.js';
import { type Answer, Client } from '../support/client.js';
import { MoveRunner } from '../support/dist.js';
import { type Made, NOBODY, refused, STARTS_MS, tenantsWorld, type TenantsWorld } from './tenants-world.js';

const MOVES_MS = 60_000;
/** Of a tenant that is being moved: what it wrote, and whether anybody was refused. */
interface Use {
  readonly written: string[];
  readonly refused: number[];
  stop(): Promise<void>;
}
interface MoveBody {
  readonly id: string;
  readonly status: string;
  readonly error: string | null;
}

describe('a tenant that is moved', () => {
  let world: TenantsWorld;
  let made: Made;
  let admin: Client;
  beforeAll(async () => {
    world = await tenantsWorld({ MOVE_RETENTION: '1h' });
    made = await world.tenant({ license_tier: 'enterprise' });
    admin = await world.adminOf(made);
    for (let n = 0; n < 20; n++) expect((await lead(`First ${String(n)}`)).status).toBe(201);
  }, STARTS_MS);
  afterAll(() => world.close());

  const lead = (name: string) => admin.post('/crm/leads', { name });
  const path = (of = '') => `/tenants/${made.id}${of}`;
  const move = (asked: object) => world.root.post(path('/move'), asked);
  const isolation = async () => ((await world.root.get(path())).body as { isolation: string }).isolation;
  const over = async (begun: Answer): Promise<MoveBody> => {
    const { id } = begun.body as MoveBody;
    for (;;) {
      const { body } = await world.root.get(path(`/moves/${id}`));
      const found = body as MoveBody;
      if (['done', 'failed', 'aborted'].includes(found.status)) return found;
    }
  };
  /** Two writers and a reader, who go on until they are stopped. */
  const use = (): Use => {
    let isStopped = false;
    const written: string[] = [];
    const refusals: number[] = [];
    const write = async (who: number): Promise<void> => {
      for (let n = 0; !isStopped; n++) {
        const { status, body } = await lead(`Writer ${String(who)}, ${String(n)}`);
        if (status === 201) written.push((body as { id: string }).id);
        else if ((body as { code: string }).code !== 'tenant_moving') refusals.push(status);
      }
    };
    const read = async (): Promise<void> => {
      while (!isStopped) {
        const { status } = await admin.get('/crm/leads?limit=5');
        if (status !== 200) refusals.push(status);
      }
    };
    const running = [write(1), write(2), read()];
    return {
      written,
      refused: refusals,
      stop: async () => {
        isStopped = true;
        await Promise.all(running);
      },
    };
  };
  const leads = async (): Promise<Set<string>> => {
    const ids = new Set<string>();
    for (let cursor = ''; ;) {
      const { body } = await admin.get(`/crm/leads?limit=100${cursor}`);
      const page = body as { items: { id: string }[]; next_cursor: string | null };
      for (const { id } of page.items) ids.add(id);
      if (page.next_cursor === null) return ids;
      cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
  };

  it.each(['schema', 'database', 'shared', 'database', 'schema', 'shared'])(
    'is used all the while on its way to %s, and has every row that it was told of',
    async (to) => {
      const before = await leads();
      const using = use();
      const begun = await move({ isolation: to });
      expect(begun).toMatchObject({ status: 202, body: { tenant_id: made.id, to: { isolation: to, server: 'main' } } });
      expect(begun.headers.get('location')).toBe(`/api/v1${path('/moves/')}${(begun.body as MoveBody).id}`);
      expect(await over(begun)).toMatchObject({ status: 'done', error: null });
      await using.stop();
      expect(using.refused).toEqual([]);
      expect(using.written.length).toBeGreaterThan(0);
      expect(await leads()).toEqual(new Set([...before, ...using.written]));
      expect(await isolation()).toBe(to);
    },
    MOVES_MS,
  );

  it('goes back with what was written since, and not twice', async () => {
    const there = await over(await move({ isolation: 'schema' }));
    const { body } = await lead('Since');
    // of a node that cannot have a second connection beside the one on which it asks
    const small = await startApp(world.app.database, { DB_POOL_MAX: '1', MOVE_RETENTION: '1h' });
    const back = await new Client(small.url, world.root.headers).post(path(`/moves/${there.id}/rollback`));
    expect(back).toMatchObject({ status: 202, body: { to: { isolation: 'shared' } } });
    expect(await over(back)).toMatchObject({ status: 'done' });
    await small.close();
    expect(await leads()).toContain((body as { id: string }).id);
    refused(await world.root.post(path(`/moves/${there.id}/rollback`)), 409, 'conflict');
    refused(await world.root.post(path(`/moves/${there.id}/abort`)), 409, 'conflict');
    const list = (await world.root.get(path('/moves?limit=1'))).body as { items: MoveBody[] };
    expect(list.items).toMatchObject([{ id: (back.body as MoveBody).id, status: 'done' }]);
  });

  it('is refused where it is, where it may not be, and to whom it is not the platform’s', async () => {
    refused(await move({ isolation: 'shared' }), 409, 'conflict');
    refused(await move({ isolation: 'database', server: 'nowhere' }), 422, 'validation_failed', 'server');
    refused(await move({ isolation: 'elsewhere' }), 422, 'validation_failed', 'isolation');
    refused(await world.root.post(`/tenants/${NOBODY}/move`, { isolation: 'schema' }), 404, 'not_found');
    refused(await world.root.get(path(`/moves/${NOBODY}`)), 404, 'not_found');
    refused(await admin.post(path('/move'), { isolation: 'schema' }), 403, 'permission_denied');
    const free = await world.tenant();
    const answer = await world.root.post(`/tenants/${free.id}/move`, { isolation: 'schema' });
    refused(answer, 403, 'not_entitled');
    expect(answer.body).toMatchObject({ required: 'own_schema', reason: 'not_in_plan' });
  });
});

describe('a place that a tenant has left', () => {
  let world: TenantsWorld;
  let runner: InstanceType<typeof MoveRunner>;
  let id: string;
  beforeAll(async () => {
    world = await tenantsWorld({ MOVE_RETENTION: '30s' });
    runner = world.app.app.get(MoveRunner);
    ({ id } = await world.tenant({ license_tier: 'enterprise' }));
  }, STARTS_MS);
  afterAll(() => world.close());

  const over = async (moveId: string): Promise<void> => {
    const path = `/tenants/${id}/moves/${moveId}`;
    for (let status = ''; status !== 'done';) status = ((await world.root.get(path)).body as MoveBody).status;
  };
  const moved = async (isolation: string): Promise<void> => {
    const begun = await world.root.post(`/tenants/${id}/move`, { isolation });
    expect(begun.status).toBe(202);
    await over((begun.body as MoveBody).id);
  };
  const places = (isolation: string) =>
    world.sql<{ id: string; name: string; status: string; there: boolean }>(
      `select l.id, coalesce(l.database_name, l.schema_name) as name, l.status, to_regnamespace(l.schema_name) is not null as there
       from core.moves m join core.locations l on l.id in (m.from_location_id, m.to_location_id)
       where m.organization_id = $1 and l.isolation = $2 group by l.id`,
      [id, isolation],
    );
  const keptNoLonger = () =>
    world.sql(`update core.moves set switched_at = switched_at - interval '1 minute' where organization_id = $1`, [id]);

  it(
    'is dropped once its rows are kept no longer, and made anew when the tenant comes again',
    async () => {
      await moved('schema');
      await moved('database');
      await runner.sweep();
      expect(await places('schema')).toMatchObject([{ status: 'ready', there: true }]);
      await keptNoLonger();
      await runner.sweep();
      expect(await places('schema')).toMatchObject([{ status: 'retired', there: false }]);
      await moved('schema');
      expect(await places('schema')).toMatchObject([{ status: 'ready', there: true }]);
    },
    MOVES_MS,
  );

  it(
    'is made anew where its dropping was broken off, and the tenant comes again',
    async () => {
      await keptNoLonger();
      const [{ name } = { name: '' }] = await places('database');
      const isTemplate = (is: boolean) => world.sql(`alter database ${pg.escapeIdentifier(name)} is_template ${is}`);
      await isTemplate(true);
      await runner.sweep();
      const [found] = await world.sql('select datallowconn from pg_database where datname = $1', [name]);
      await isTemplate(false);
      expect(found).toEqual({ datallowconn: false });
      await moved('database');
      expect(await places('database')).toMatchObject([{ name, status: 'ready' }]);
    },
    MOVES_MS,
  );

  it(
    'is not dropped when somebody has asked for a move there in the last moment',
    async () => {
      await keptNoLonger();
      const [{ id: schema } = { id: '' }] = await places('schema');
      const asking = new pg.Client(world.app.database.urls.superuser);
      await asking.connect();
      await asking.query('begin');
      await asking.query('select from core.locations where id = $1 for update', [schema]);
      const swept = runner.sweep();
      const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%core.locations%' and datname = current_database()`;
      while ((await world.sql(waiting)).length === 0);
      const asked = await asking.query<{ id: string }>(
        `insert into core.moves (id, organization_id, from_location_id, to_location_id, epoch)
         select gen_random_uuid(), o.id, o.location_id, $2, o.epoch from core.organizations o where o.id = $1 returning id`,
        [id, schema],
      );
      await asking.query('commit');
      await asking.end();
      await swept;
      expect(await places('schema')).toMatchObject([{ status: 'ready', there: true }]);
      await runner.sweep();
      await over(asked.rows[0]?.id ?? '');
    },
    MOVES_MS,
  );
});
