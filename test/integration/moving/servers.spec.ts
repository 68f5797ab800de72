import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmbeddedPostgres } from '../../../src/platform/database/embedded.js';
import { prepareCluster } from '../../../src/platform/database/logins.js';
import type { Client } from '../../support/client.js';
import { PASSWORDS } from '../../support/urls.mjs';
import { postmasterPid, Yard } from '../embedded/support.js';
import { makeWorld, type Place, type World } from './world.js';
import { faultsOf, NOTHING, traffic } from './writers.js';

/** For a second PostgreSQL to be made and started, on a machine that is busy, in milliseconds. */
const STARTS_MS = 60_000;
/** A second PostgreSQL is too dear for every run: `npm run test:move` has one. */
const whenAsked = process.env['MOVE_FAULTS'] === 'all' ? describe : describe.skip;
const EU_1 = { isolation: 'database', server: 'eu-1' };
const SHARED = { isolation: 'shared' };
/** Writes before a move, and after it. */
const SOME = 20;
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

interface MoveBody {
  readonly status: string;
  readonly error: string | null;
  readonly finished_at: string | null;
}

/** `main` and `eu-1` are two servers here, not two names of one. */
whenAsked('a tenant that moves between servers', () => {
  const yard = new Yard();
  const directory = yard.path('eu-1');
  let server: EmbeddedPostgres;
  let world: World;
  let root: Client;
  let mine: Client;
  let neighbour: Client;
  beforeAll(async () => {
    server = await yard.start(directory, { settings: FAST });
    const { ownerUrl } = await prepareCluster(server.superuserUrl('postgres'), PASSWORDS);
    world = await makeWorld(300, { TENANT_SERVERS: `eu-1=${ownerUrl}` });
    const { signIn } = world.app;
    root = await signIn('superadmin@example.com');
    [mine, neighbour] = await Promise.all([signIn('admin@testcorp.com'), signIn('admin@globex.com')]);
  }, STARTS_MS);
  afterAll(() => {
    yard.clear();
  });
  // the later one is the first to run
  afterAll(() => world.close());

  const path = (of: string) => `/tenants/${world.mine.id}${of}`;
  const status = async (client: Client) => (await client.get('/crm/leads?limit=5')).status;
  const ask = async (to: { isolation: string; server?: string }): Promise<string> => {
    const { status, text, body } = await root.post(path('/move'), to);
    if (status !== 202) throw new Error(`${String(status)} ${text}`);
    return (body as { id: string }).id;
  };
  /** What a move has become, once that is so. */
  const moveWhen = async (id: string, isSo: (move: MoveBody) => boolean): Promise<MoveBody> => {
    for (;;) {
      const move = (await root.get(path(`/moves/${id}`))).body as MoveBody;
      if (isSo(move)) return move;
    }
  };
  const isOver = ({ finished_at }: MoveBody): boolean => finished_at !== null;
  /** Where core says that the tenant is, asked on the server that it names. */
  const here = async (): Promise<Place> => {
    const [row] = await world.app.database.sql<{ id: string; server: string; name: string | null; schema: string }>(
      `select l.id, l.server, l.database_name as name, l.schema_name as schema
       from core.organizations o join core.locations l on l.id = o.location_id where o.id = $1`,
      [world.mine.id],
    );
    if (row?.server !== 'eu-1') return world.shared;
    return world.placeAt(row.id, server.superuserUrl(row.name ?? ''), row.schema);
  };

  it.each([EU_1, SHARED])(
    'is used all the while on its way to %j: nothing is lost, doubled or different',
    async (to) => {
      const before = await world.leads(await here());
      const used = await traffic(world);
      await used.written(SOME);
      const move = await moveWhen(await ask(to), isOver);
      expect(move).toMatchObject({ status: 'done', error: null, to: { server: 'main', ...to } });
      await used.written(SOME);
      const report = await used.stop();
      const place = await here();
      expect(await faultsOf(world, place, before, report)).toEqual(NOTHING);
      expect([...(await world.traces(world.shared)), ...(await world.traces(place))]).toEqual([]);
    },
  );

  it('alone is away while its server is, and comes back with it; so does its move', async () => {
    expect(await moveWhen(await ask(EU_1), isOver)).toMatchObject({ status: 'done' });
    const sums = await world.sums(await here());
    // as of a crash: no session is ended, nothing is written down
    process.kill(postmasterPid(directory), 'SIGQUIT');
    while ((await status(mine)) !== 503);
    expect(await Promise.all([mine, mine, neighbour].map(status))).toEqual([503, 503, 200]);
    const back = await ask(SHARED);
    expect(await moveWhen(back, ({ error }) => error !== null)).toMatchObject({ status: 'requested' });
    server = await yard.start(directory, { settings: FAST });
    while ((await status(mine)) !== 200);
    expect(await world.sums(await here())).toEqual(sums);
    expect((await root.post(path(`/moves/${back}/resume`))).status).toBe(202);
    expect(await moveWhen(back, isOver)).toMatchObject({ status: 'done', error: null });
    expect(await here()).toBe(world.shared);
    expect(await world.sums(world.shared)).toEqual(sums);
  });
});
