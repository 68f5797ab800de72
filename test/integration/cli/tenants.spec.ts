import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { database as databaseModule } from '../../support/dist.js';
import { environmentOf, tenantry } from './cli.js';

const LONG = 60_000;

describe('the command line, of tenants and where they are', () => {
  let database: TestDatabase;
  let env: Record<string, string | undefined>;
  beforeAll(async () => {
    database = await freshDatabase();
    env = { ...environmentOf(database), DATABASE_MOVER_URL: database.urls.mover };
  }, LONG);
  afterAll(() => database.drop());

  const run = (args: string[], more: Record<string, string | undefined> = {}) =>
    tenantry(args, { env: { ...env, ...more } });
  /** Hashes of the tokens that an address can be invited by. */
  const invited = async (email: string) => {
    const text = 'select token_hash from core.one_time_tokens where email = $1 and revoked_at is null';
    return (await database.sql<{ token_hash: string }>(text, [email])).map(({ token_hash }) => token_hash);
  };
  const create = (code: string, ...more: string[]) => [
    ...['tenant:create', '--code', code, '--name', code, '--admin-email', `admin@${code}.example`, ...more],
  ];

  it(
    'tenant:create: with an id and a schema of one’s choice, and not what its plan does not have',
    async () => {
      const id = '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c99';
      const own = ['--tier', 'professional', '--isolation', 'schema', '--schema-name', 'alpha_own', '--id', id];
      const { code, document } = await run(create('alpha', ...own, '--json'));
      expect(code).toBe(0);
      const { invitation_token: token, ...made } = document() as { invitation_token: string };
      expect(made).toEqual({ ok: true, id, tenant_code: 'alpha', isolation: 'schema', status: 'ready' });
      expect(await invited('admin@alpha.example')).toEqual([createHash('sha256').update(token).digest('hex')]);
      expect(await database.sql('select board_code from alpha_own.boards')).toEqual([{ board_code: 'notice' }]);
      const refused = await run(create('beta', '--isolation', 'database'));
      expect(refused).toMatchObject({ code: 1, out: '' });
      expect(refused.err).toContain('The plan free does not have own_database.');
      expect(await run(create('beta', '--id', '00000000-0000-0000-0000-000000000000'))).toMatchObject({
        ...{ code: 2, err: expect.stringContaining('id must not be that of the platform itself') },
      });
      expect(await database.sql(`select from core.organizations where tenant_code = 'beta'`)).toEqual([]);
    },
    LONG,
  );

  it(
    'tenant:create: nothing is made in a schema that is somebody else’s, nor is that dropped',
    async () => {
      await database.sql('create schema somebodys; create table somebodys.notes as select 1 as note');
      const own = ['--tier', 'professional', '--isolation', 'schema', '--schema-name'];
      expect(await run(create('gamma', ...own, 'somebodys'))).toMatchObject({
        ...{ code: 2, err: expect.stringContaining('schema_name must be that of no schema that is there already') },
      });
      expect(await database.sql(`select from core.organizations where tenant_code = 'gamma'`)).toEqual([]);
      const maker = new databaseModule.LocationMaker(database.urls);
      await expect(maker.makeSchema('somebodys')).rejects.toMatchObject({ status: 409 });
      await maker.dropSchema('somebodys');
      expect(await database.sql('select * from somebodys.notes')).toEqual([{ note: 1 }]);
      await database.sql('drop schema somebodys cascade');
    },
    LONG,
  );

  it(
    'tenant:resume: finishes what a command without the owner’s login left half-made',
    async () => {
      const begun = await run(create('delta', '--tier', 'professional', '--isolation', 'schema'), {
        DATABASE_URL: undefined,
      });
      expect(begun).toMatchObject({ code: 1 });
      expect(begun.out).toContain('tenantry tenant:resume delta');
      // nobody mails it, and nobody reads a log
      const [, token = ''] = /admin@delta\.example yourself[^]*once:\n\n(\S+)\n/.exec(begun.out) ?? [];
      expect(await invited('admin@delta.example')).toEqual([createHash('sha256').update(token).digest('hex')]);
      const resumed = await run(['tenant:resume', '--json']);
      expect(resumed.code).toBe(0);
      expect(resumed.document()).toMatchObject({ tenants: [{ tenant_code: 'delta', finished: true }] });
    },
    LONG,
  );

  it(
    'tenant:move: there and back, and tenant:list where it stands',
    async () => {
      const moved = await run(['tenant:move', 'testcorp', '--to', 'schema', '--json']);
      expect(moved.code).toBe(0);
      expect(moved.document()).toMatchObject({ ok: true, status: 'done', to: { isolation: 'schema' }, error: null });
      const back = await run(['tenant:move', 'testcorp', '--rollback']);
      expect(back.code).toBe(0);
      expect(back.out).toMatch(/testcorp: schema → shared, \d+ rows/);
      // one that was asked for while its place was given up
      await database.sql(`with place as (insert into core.locations (id, isolation, server, schema_name, status)
          values (gen_random_uuid(), 'schema', 'main', 'given_up', 'retired') returning id)
        insert into core.moves (id, organization_id, from_location_id, to_location_id, epoch)
          select gen_random_uuid(), o.id, o.location_id, place.id, o.epoch from place, core.organizations o where o.tenant_code = 'testcorp'`);
      expect(await run(['tenant:move', 'testcorp', '--resume'])).toMatchObject({ code: 0 });
      expect(await run(['tenant:move', 'testcorp', '--rollback'])).toMatchObject({ code: 0 });
      const { tenants } = (await run(['tenant:list', '--json'])).document() as {
        tenants: { tenant_code: string; place: string }[];
      };
      const places = new Map(tenants.map(({ tenant_code, place }) => [tenant_code, place]));
      expect([places.get('testcorp'), places.get('alpha')]).toEqual(['shared', 'alpha_own']);
    },
    LONG,
  );

  it(
    'tenant:delete: shuts a tenant, and purges it when that is confirmed by its code',
    async () => {
      const [before] = await database.sql<{ id: string }>(
        `select id from core.organizations where tenant_code = 'alpha'`,
      );
      const unsure = await run(['tenant:delete', 'alpha']);
      expect(unsure).toMatchObject({ code: 2, out: '' });
      expect(unsure.err).toContain('tenantry tenant:delete alpha --yes');
      const deleted = await run(['tenant:delete', 'alpha', '--yes', '--json'], { TENANT_GRACE: '7d' });
      expect(deleted.code).toBe(0);
      const { deleted_at: at, restorable_until: until } = deleted.document() as Record<string, string>;
      expect(deleted.document()).toMatchObject({ ok: true, id: before?.id, tenant_code: 'alpha', status: 'deleted' });
      expect(Date.parse(until ?? '') - Date.parse(at ?? '')).toBe(7 * 86_400_000);
      const { tenants } = (await run(['tenant:list', '--deleted', '--json'], { TENANT_GRACE: '7d' })).document() as {
        tenants: { tenant_code: string; status: string; restorable_until: string | null }[];
      };
      expect(tenants.find(({ tenant_code }) => tenant_code === 'alpha')).toMatchObject({
        status: 'deleted',
        restorable_until: until,
      });
      const refused = await run(['tenant:delete', 'alpha', '--purge', '--confirm', 'beta']);
      expect(refused).toMatchObject({ code: 2, out: '' });
      expect(refused.err).toContain('--purge --confirm alpha');
      expect(await database.sql('select board_code from alpha_own.boards')).toEqual([{ board_code: 'notice' }]);
      const purged = await run(['tenant:delete', 'alpha', '--purge', '--confirm', 'alpha']);
      expect(purged).toMatchObject({ code: 0, err: '' });
      expect(purged.out).toMatch(
        /boards +1\n(.|\n)*core\.users +1\n(.|\n)*✓ alpha, id .* is purged: \d+ rows\. Its code is free\./,
      );
      expect(await database.sql(`select from pg_namespace where nspname = 'alpha_own'`)).toEqual([]);
    },
    LONG,
  );

  it(
    'tenant:delete: undoes one that was never finished',
    async () => {
      await database.sql(
        `update core.locations l set status = 'provisioning' from core.organizations o where o.location_id = l.id and o.tenant_code = 'delta'`,
      );
      const undone = await run(['tenant:delete', 'delta', '--yes', '--json']);
      expect(undone.code).toBe(0);
      expect(undone.document()).toMatchObject({
        ok: true,
        tenant_code: 'delta',
        status: 'purged',
        rows: { 'core.users': 1 },
      });
      expect(await database.sql(`select from core.organizations where tenant_code = 'delta'`)).toEqual([]);
      expect(await database.sql(`select from pg_namespace where nspname like 'tenant_delta%'`)).toEqual([]);
    },
    LONG,
  );

  it(
    'servers: what each carries, and which is away',
    async () => {
      const away = `eu-1=${database.urls.owner.replace(/:\d+\//, ':1/')}`;
      const { code, document } = await run(['servers', '--json'], { TENANT_SERVERS: away });
      expect(code).toBe(1);
      const { servers } = document() as { servers: { server: string; tenants: number; fault?: string }[] };
      expect(servers.map(({ server, fault }) => [server, fault === undefined])).toEqual([
        ['main', true],
        ['eu-1', false],
      ]);
      expect(servers[0]?.tenants).toBeGreaterThanOrEqual(5);
    },
    LONG,
  );

  it(
    'tenant:rebalance: says what would bring two servers closer together, by commands that do it',
    async () => {
      const { code, err } = await run(['tenant:rebalance']);
      expect([code, err]).toEqual([2, expect.stringContaining('--plan')]);
      // of those in the shared tables it alone may have a database, and it is worth a move
      await database.sql(
        `update core.organizations set license_tier = case tenant_code when 'umbrella' then 'enterprise' else 'free' end`,
      );
      await database.sql(`update core.subscriptions set plan_code = 'enterprise' from core.organizations o
        where organization_id = o.id and tenant_code = 'umbrella'`);
      await database.sql(`insert into shared.crm_leads (organization_id, id, name, metadata)
        select o.id, gen_random_uuid(), 'Lead', jsonb_build_object('text', (select string_agg(md5(n::text || i), '') from generate_series(1, 50) i))
        from core.organizations o, generate_series(1, 5000) n where tenant_code = 'umbrella'`);
      const postgres = Object.assign(new URL(database.urls.owner), { pathname: '/postgres' });
      const servers = { TENANT_SERVERS: `eu-1=${postgres.href},eu-2=${postgres.href.replace(/:\d+\//, ':1/')}` };
      const planned = await run(['tenant:rebalance', '--plan'], servers);
      expect(planned.code).toBe(0);
      expect(planned.out).toMatch(/^umbrella +main \(shared\) +eu-1 +\d+ MB +main carries \d+ MB, eu-1 0 MB$/m);
      const commands = planned.out.split('\n').filter((line) => line.startsWith('tenantry '));
      expect(commands).toEqual(['tenantry tenant:move umbrella --to database --server eu-1']);
      expect(await run((commands[0] ?? '').split(' ').slice(1), servers)).toMatchObject({ code: 0 });
      const { document } = await run(['tenant:rebalance', '--plan', '--json'], servers);
      expect(document()).toMatchObject({
        servers: [{ server: 'main' }, { server: 'eu-1', tenants: 1 }, { server: 'eu-2', fault: expect.any(String) }],
        moves: [],
      });
    },
    LONG,
  );
});
