import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startApp } from '../../support/app.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { changedRows, type Rows, rowsOf } from '../../support/oracles.js';
import { environmentOf, type Ran, start, tenantry } from '../cli/cli.js';

const LONG = 120_000;
/** What --json printed of each tenant. */
interface Told {
  readonly code: string;
  readonly status?: string;
  readonly error?: string;
}
const tenantsOf = ({ document }: Ran): Told[] => (document() as { tenants: Told[] }).tenants;

const { directory: RUN } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };
/** Ways in and work on its way, which no archive has; what a restore itself writes; the platform's audit log, which goes on. */
const NOT_IN_IT =
  /^(core\.(sessions|one_time_tokens|access_version|idempotency_keys|outbox|moves|audit_log|organizations)|shared\.(idempotency_keys|outbox)) /;

/** Of all tenants. */
async function kept(database: TestDatabase): Promise<Rows> {
  const tenants = await database.sql<{ id: string }>('select id from core.organizations');
  const rows = await Promise.all(tenants.map(({ id }) => rowsOf(database, id)));
  return new Map(rows.flatMap((each) => [...each].filter(([key]) => !NOT_IN_IT.test(key))));
}
const PLATFORM = `select u.username, u.hashed_password, r.role_code from core.users u join core.user_roles a on a.user_id = u.id
  join core.roles r on r.id = a.role_id where u.organization_id is null order by 1`;
const ORGANIZATIONS = `select to_jsonb(o) - 'location_id' - 'epoch' as of from core.organizations o order by id`;
const SCRATCH = `select nspname from pg_namespace where nspname like 'tenantry\\_trial%'
  union all select tenant_code from core.organizations where tenant_code like 'trial-%'`;

describe('a backup of all', () => {
  const dir = mkdtempSync(join(RUN, 'backups-'));
  let database: TestDatabase;
  let before: Rows;
  const run = (on: TestDatabase, ...args: string[]) =>
    tenantry([...args, '--dir', dir, '--json'], { env: environmentOf(on) });
  const newest = async () => (await readdir(dir)).sort().at(-1) ?? '';

  beforeAll(async () => {
    database = await freshDatabase();
    // somebody of another tenant, in each of the three isolations, who comes later in the order of codes
    await database.sql(`insert into core.user_tenant_associations (organization_id, user_id)
      select o.id, u.id from core.organizations o, core.users u join core.organizations h on h.id = u.organization_id
      where o.tenant_code in ('testcorp', 'acme', 'globex') and h.tenant_code = 'umbrella' and u.username = 'viewer'`);
    await database.sql(`insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
      select gen_random_uuid(), a.organization_id, a.user_id, r.scope_id, r.id from core.user_tenant_associations a, core.roles r
      where a.is_guest and r.role_code = 'viewer' and r.organization_id is null`);
    await database.sql(`update core.plans set price = 99.50 where plan_code = 'starter'`);
    await database.sql(`insert into core.permissions (id, permission_code, permission_name, resource, action)
      values (gen_random_uuid(), 'custom_fly', 'Fly', 'custom', 'manage')`);
    before = await kept(database);
    const env = environmentOf(database);
    // what stays at the old places for a while is in no archive
    expect(await tenantry(['tenant:move', 'acme', '--to', 'schema'], { env })).toMatchObject({ code: 0 });
    expect(await tenantry(['tenant:move', 'globex', '--to', 'database'], { env })).toMatchObject({ code: 0 });
  }, LONG);
  afterAll(() => database.drop());

  it(
    'brings an installation back where there is nothing yet: tenants in all isolations, guests, and the platform’s own',
    async () => {
      const [people, organizations] = [await database.sql(PLATFORM), await database.sql(ORGANIZATIONS)];
      const made = await run(database, 'backup');
      expect(made).toMatchObject({ code: 0, err: '' });
      expect(made.document()).toMatchObject({ ok: true, failed: [], tombstones: [] });
      // where tenants of the same ids have their databases on one server, the first go
      await database.drop();

      database = await freshDatabase({ empty: true });
      const env = environmentOf(database);
      expect(await tenantry(['migrate'], { env })).toMatchObject({ code: 0 });
      expect(await tenantry(['seed', 'entitlements', 'roles'], { env })).toMatchObject({ code: 0 });
      const restored = await run(database, 'restore');
      expect(restored).toMatchObject({ code: 0, err: '' });
      const codes = tenantsOf(made).map(({ code }) => code);
      expect(codes).toEqual(['acme', 'globex', 'initech', 'testcorp', 'umbrella']);
      expect(tenantsOf(restored)).toEqual(codes.map((code) => expect.objectContaining({ code, status: 'restored' })));
      expect(changedRows(before, await kept(database))).toEqual([]);
      expect(await database.sql(PLATFORM)).toEqual(people);
      expect(await database.sql(ORGANIZATIONS)).toEqual(organizations);
      expect(await database.sql(`select price from core.plans where plan_code = 'starter'`)).toEqual([
        { price: '99.50' },
      ]);
      expect(await database.sql(`select 1 as one from core.permissions where permission_code = 'custom_fly'`)).toEqual([
        { one: 1 },
      ]);
      const isolations = await database.sql(
        `select isolation, count(*)::int as n from core.locations group by 1 order by 1`,
      );
      expect(isolations).toEqual([
        { isolation: 'database', n: 1 },
        { isolation: 'schema', n: 1 },
        { isolation: 'shared', n: 1 },
      ]);
      const app = await startApp(database);
      try {
        for (const tenant of ['testcorp', 'acme', 'globex']) {
          const admin = await app.signIn(`admin@${tenant}.com`);
          expect((await admin.get('/crm/leads?limit=1')).status).toBe(200);
        }
      } finally {
        // the database stays for what comes next
        await app.app.close();
      }
    },
    LONG,
  );

  it(
    'leaves who is in use alone, puts back who is deleted, and brings nobody back whom a later backup knows as purged',
    async () => {
      const env = environmentOf(database);
      await database.sql(`update core.organizations set deleted_at = now() where tenant_code = 'initech'`);
      const before = await kept(database);
      const first = await newest();
      const restored = await tenantry(['restore', first, '--dir', dir, '--json'], { env });
      expect(restored.code).toBe(1);
      const statuses = (ran: Ran) => Object.fromEntries(tenantsOf(ran).map(({ code, status }) => [code, status]));
      const there = { acme: 'there', globex: 'there', testcorp: 'there', umbrella: 'there' };
      expect(statuses(restored)).toEqual({ ...there, initech: 'restored' });
      expect(changedRows(before, await kept(database))).toEqual([]);

      const [{ id } = { id: '' }] = await database.sql<{ id: string }>(
        `select id from core.organizations where tenant_code = 'initech'`,
      );
      const purged = await tenantry(['tenant:delete', 'initech', '--purge', '--confirm', 'initech'], { env });
      expect(purged).toMatchObject({ code: 0, err: '' });
      expect(await run(database, 'backup')).toMatchObject({ code: 0 });
      // as a server that was recovered to a moment before the purge
      await database.sql('delete from core.tombstones');
      const again = () => tenantry(['restore', first, '--dir', dir, '--json'], { env });
      expect(statuses(await again())).toEqual({ ...there, initech: 'purged' });
      expect(
        await database.sql(`select id, code from core.tombstones where kind = 'tenant' and id = $1`, [id]),
      ).toEqual([{ id, code: 'initech' }]);
      const here = () => database.sql('select id from core.organizations where id = $1', [id]);
      expect(await here()).toEqual([]);
      await database.sql(
        `insert into core.organizations (id, tenant_code, tenant_name) values ($1, 'initech', 'Recovered')`,
        [id],
      );
      expect(statuses(await again())).toEqual({ ...there, initech: 'risen' });
      await database.sql('delete from core.organizations where id = $1', [id]);
    },
    LONG,
  );

  it(
    'is tried as a whole, and nothing is left of the trial; an archive that was changed is named, and nothing of it restored',
    async () => {
      expect(await run(database, 'backup', '--keep', '1')).toMatchObject({ code: 0 });
      expect(await readdir(dir)).toHaveLength(1);
      const before = await rowsOf(database);
      const good = await run(database, 'backup:verify');
      expect(good).toMatchObject({ code: 0, err: '' });
      expect(tenantsOf(good).length).toBe(4);
      expect(changedRows(before, await rowsOf(database))).toEqual([]);
      expect(await database.sql(SCRATCH)).toEqual([]);

      const name = await newest();
      const file = (await readdir(join(dir, name))).find((each) => each.startsWith('acme')) ?? '';
      const archive = await open(join(dir, name, file), 'r+');
      const { buffer } = await archive.read(Buffer.alloc(1), 0, 1, 2_000);
      await archive.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 2_000);
      await archive.close();
      const bad = await run(database, 'backup:verify');
      expect(bad.code).toBe(1);
      const faults = tenantsOf(bad).filter(({ error }) => error);
      expect(faults).toEqual([
        expect.objectContaining({ code: 'acme', error: 'The archive is damaged: it is not what was written.' }),
      ]);
      const refused = await run(database, 'restore');
      expect(refused.code).toBe(1);
      expect(refused.err).toContain('damaged');
      expect(changedRows(before, await rowsOf(database))).toEqual([]);

      // what was killed before its manifest was there is none
      await rm(join(dir, name, 'backup.json'));
      expect(await run(database, 'restore')).toMatchObject({ code: 2 });
    },
    LONG,
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'is none when it is interrupted by %s, and leaves nothing',
    async (signal, exit) => {
      const stood = await readdir(dir);
      const [{ id } = { id: '' }] = await database.sql<{ id: string }>(
        `select id from core.organizations where tenant_code = 'acme'`,
      );
      const hand = new pg.Client(database.urls.superuser);
      await hand.connect();
      // a tenant that another process has in hand is waited for
      await hand.query(`select pg_advisory_lock(hashtextextended('move:' || $1, 0))`, [id]);
      const child = start(['backup', '--dir', dir], { env: environmentOf(database) });
      child.stdout.once('data', () => child.kill(signal));
      const [code] = (await once(child, 'exit')) as [number];
      await hand.end();
      expect(code).toBe(exit);
      expect(await readdir(dir)).toEqual(stood);
    },
    LONG,
  );

  it(
    'leaves no file of one tenant either, where its export is interrupted',
    async () => {
      const hand = new pg.Client(database.urls.superuser);
      await hand.connect();
      // it gets no further than its first rows
      await hand.query('begin; lock table shared.boards in access exclusive mode');
      const folder = mkdtempSync(join(RUN, 'export-'));
      const child = start(['tenant:export', 'umbrella', '--file', join(folder, 'umbrella.archive')], {
        env: environmentOf(database),
      });
      for (const until = Date.now() + 20_000; Date.now() < until && (await readdir(folder)).length === 0;)
        await sleep(20);
      expect(await readdir(folder)).toEqual(['umbrella.archive']);
      child.kill('SIGTERM');
      await hand.query('rollback');
      await hand.end();
      expect(await once(child, 'exit')).toEqual([143, null]);
      expect(await readdir(folder)).toEqual([]);
    },
    LONG,
  );
});
