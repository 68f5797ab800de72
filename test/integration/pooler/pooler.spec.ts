import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { faultsOfConnections } from '../../support/oracles.js';
import { settled } from '../../support/mail.js';
import { tenantOf } from '../../support/tenants.js';
import type { Sent } from '../../support/oracles-exchange.js';
import { type Caller, makeWorld, type World } from './world.js';

const REQUESTS = 200;
const STARTS_MS = 60_000;
const LEADS = '/api/v1/crm/leads';

/** What is asked, and what may be answered. */
interface Asked {
  readonly sent: Sent;
  readonly status: number;
}
const post = (path: string, body: object, status: number): Asked => ({ sent: { method: 'POST', path, body }, status });
const read = (path: string, status = 200): Asked => ({ sent: { method: 'GET', path }, status });

/** In turns: reads, writes, refusals before a statement and by one, and what the other tenant has. */
const KINDS: readonly ((caller: Caller, name: string) => Asked)[] = [
  () => read(`${LEADS}?limit=50&with_total=true`),
  (_, name) => post(LEADS, { name: `Kept ${name}` }, 201),
  () => read(`${LEADS}.csv`),
  ({ lead }, name) => ({ sent: { method: 'PATCH', path: `${LEADS}/${lead}`, body: { source: name } }, status: 200 }),
  ({ theirLead }) => read(`${LEADS}/${theirLead}`, 404),
  ({ theirLead }, name) => ({
    sent: { method: 'PATCH', path: `${LEADS}/${theirLead}`, body: { name: `Lost ${name}` } },
    status: 404,
  }),
  (_, name) => post(LEADS, { name: '', source: `Lost ${name}` }, 422),
  ({ board }, name) => post('/api/v1/boards', { board_code: board, board_name: `Lost ${name}` }, 409),
  ({ theirLead }, name) =>
    post(
      `${LEADS}/bulk`,
      {
        items: [
          { op: 'create', name: `Lost ${name}` },
          { op: 'update', id: theirLead, name: `Lost ${name}` },
        ],
      },
      422,
    ),
  () => read('/api/v1/users?limit=20'),
  (_, name) => post('/api/v1/user-groups', { group_code: `g-${name.toLowerCase()}`, group_name: `Kept ${name}` }, 201),
  ({ lead }) => read(`${LEADS}/${lead}`),
];

const isWanted = process.env['POOLER'] !== undefined;

/** `npm run test:pooler`: it needs PgBouncer. */
(isWanted ? describe : describe.skip)('behind PgBouncer in transaction mode, with one connection to the server', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  }, STARTS_MS);
  afterAll(() => world.close());

  /** One request, or one that is given up, or a unit of work that fails half way. What was wrong with the answer. */
  const one = async (n: number, round: string): Promise<string[]> => {
    const caller = world.callers[n % 2] as Caller;
    const turn = Math.floor(n / 2);
    const name = `${round}-${String(turn)}`;
    if (turn % 14 === 12) {
      const gone = turn % 4 === 0 ? read(`${LEADS}.csv`) : post(LEADS, { name: `Gone ${name}` }, 0);
      await world.abort(caller, gone.sent, turn % 20);
      return [];
    }
    if (turn % 14 === 13) return failingUnit(caller, name);
    const asked = KINDS[turn % 14]?.(caller, name) ?? read(LEADS);
    const { received, faults } = await world.ask(caller, asked.sent);
    if (received.status !== asked.status)
      faults.push(`${asked.sent.method} ${asked.sent.path}: ${String(received.status)} ${received.text}`);
    if (received.status === 200 && /leads/.test(asked.sent.path)) {
      const own = world.canaries.get(caller.tenant.code) ?? '';
      if (!received.text.includes(own)) faults.push(`${asked.sent.path} does not show its own rows`);
    }
    return faults;
  };
  const failingUnit = async ({ tenant }: Caller, name: string): Promise<string[]> => {
    const { tenancy } = world.plane;
    const insert = {
      text: `insert into crm_leads (organization_id, id, name) values ($1, gen_random_uuid(), $2)`,
      values: [tenant.id, `Lost ${name}`],
    };
    const failing = tenancy.run(tenant.id, () =>
      tenancy.transaction(async () => {
        await tenancy.write(insert);
        await tenancy.read({ text: 'select 1 / 0', values: [] });
      }),
    );
    return failing.then(
      () => ['a unit of work that fails was committed'],
      (error: unknown) => ((error as pg.DatabaseError).code === '22012' ? [] : [String(error)]),
    );
  };
  const leads = (like: string) =>
    world.database.everywhere<{ organization_id: string; name: string }>(
      'select organization_id, name from crm_leads where name like $1 order by name',
      [like],
    );

  it.each(['shared', 'schema', 'database'])(
    `answers ${String(REQUESTS)} interleaved requests of two tenants, the first of them in %s, without a foreign row`,
    async (isolation) => {
      if (isolation !== 'shared') await world.move(isolation);
      const faults = await Promise.all(Array.from({ length: REQUESTS }, (_, n) => one(n, isolation)));
      await Promise.all([settled(world.app.app), settled(world.second.app)]);
      expect(faults.flat()).toEqual([]);
      // what was refused is nowhere; what was answered is once at its tenant; what was given up is whole or not there
      expect(await leads('Lost %')).toEqual([]);
      const kept = Array.from({ length: REQUESTS / 2 }, (_, turn) => turn).filter((turn) => turn % 14 === 1);
      for (const { tenant } of world.callers) {
        const own = (await leads(`Kept ${isolation}-%`)).filter((row) => row.organization_id === tenant.id);
        expect(own).toHaveLength(kept.length);
      }
      const unaudited = await world.database.everywhere(
        `select name from crm_leads l where name like 'Gone %' and 1 <> (
           select count(*) from audit_log a where a.organization_id = l.organization_id and a.resource_id = l.id and a.action = 'create')`,
      );
      expect(unaudited).toEqual([]);
    },
    STARTS_MS,
  );

  it('has used one connection for each database, and left nothing on it', async () => {
    const servers = await world.bouncer.servers();
    expect(servers.map(({ database }) => database).toSorted()).toEqual(
      [...new Set(servers.map((s) => s.database))].toSorted(),
    );
    expect(servers.map(({ database }) => database)).toContain(world.database.name);
    for (const { database } of servers) {
      const url = Object.assign(new URL(world.bouncer.url), { pathname: `/${database}` });
      const client = new pg.Client(url.href);
      await client.connect();
      const { rows } = await client.query(
        `select coalesce(current_setting('app.organization_id', true), '') as organization, coalesce(current_setting('app.user_id', true), '') as user,
           coalesce(current_setting('app.core_organization_id', true), '') as core, current_setting('search_path') as path,
           current_setting('lock_timeout') as lock_timeout, (select count(*)::int from pg_prepared_statements) as prepared,
           (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`,
      );
      await client.end();
      expect(rows).toEqual([
        { organization: '', user: '', core: '', path: '"$user", public', lock_timeout: '0', prepared: 0, locks: 0 },
      ]);
    }
    const open = (await faultsOfConnections(world.app.app, world.database)).filter((fault) => /left open/.test(fault));
    expect(open).toEqual([]);
  });

  describe('by plain SQL of two clients in turns', () => {
    let clients: [pg.Client, pg.Client];
    let tenants: { id: string; epoch: number }[];
    beforeAll(async () => {
      await world.move('shared');
      clients = [new pg.Client(world.bouncer.url), new pg.Client(world.bouncer.url)];
      await Promise.all(clients.map((client) => client.connect()));
      const placed = await Promise.all(world.callers.map(({ tenant }) => tenantOf(world.database, tenant.code)));
      tenants = placed.map(({ id, placement }) => ({ id, epoch: placement.epoch }));
    }, STARTS_MS);
    afterAll(() => Promise.all(clients.map((client) => client.end())));

    const owners = async (client: pg.Client): Promise<string[]> =>
      (await client.query<{ id: string }>('select distinct organization_id as id from shared.crm_leads')).rows.map(
        ({ id }) => id,
      );
    /** In a transaction behind the fence. */
    const inside = async <T>(which: 0 | 1, work: (client: pg.Client) => Promise<T>): Promise<T> => {
      const client = clients[which];
      await client.query('begin');
      try {
        await client.query('select tenancy.enter($1, $2, null)', [tenants[which]?.id, tenants[which]?.epoch]);
        return await work(client);
      } finally {
        await client.query('rollback');
      }
    };

    it('shows each its own rows inside its transaction, and nothing outside of one', async () => {
      for (let round = 0; round < 5; round++) {
        const seen = await Promise.all([inside(0, owners), inside(1, owners)]);
        expect(seen).toEqual([[tenants[0]?.id], [tenants[1]?.id]]);
        expect(await Promise.all(clients.map(owners))).toEqual([[], []]);
      }
    });

    it('writes nothing for the other tenant, and nothing outside of a transaction', async () => {
      const insert = (client: pg.Client, id: string | undefined) =>
        client.query(
          `insert into shared.crm_leads (organization_id, id, name) values ($1, gen_random_uuid(), 'Lost in SQL')`,
          [id],
        );
      await expect(inside(0, (client) => insert(client, tenants[1]?.id))).rejects.toMatchObject({ code: '42501' });
      await expect(insert(clients[0], tenants[0]?.id)).rejects.toMatchObject({ code: '42501' });
      expect(await leads('Lost in SQL')).toEqual([]);
    });
  });
});
