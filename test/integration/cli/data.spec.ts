import { randomUUID } from 'node:crypto';
import { compare } from '@node-rs/bcrypt';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { database as databaseModule } from '../../support/dist.js';
import { environmentOf, INSIDE, type Ran, tenantry } from './cli.js';

/** Renewing the trial leaves traces. */
const TRIAL = ['core.module_trials', 'core.access_version', 'core.audit_log'];
/** And so does signing in. */
const SIGN_IN = ['core.sessions', 'core.access_version', 'core.audit_log', 'core.users'];

describe('the command line, on a database that is seeded', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  const run = (args: readonly string[], input?: string): Promise<Ran> =>
    tenantry(args, { env: environmentOf(database), ...(input === undefined ? {} : { input }) });

  it('seed: changes nothing of what is there, but for the demo trial, which it renews', async () => {
    const before = await contents(database, TRIAL);
    const { code, document } = await run(['seed', '--json']);
    expect(code).toBe(0);
    const { seeders } = document() as { seeders: { seeder: string; steps: { done: string; what: string }[] }[] };
    expect(seeders.map(({ seeder }) => seeder)).toEqual(
      expect.arrayContaining(['entitlements', 'roles', 'demo', 'crm-marketing-service']),
    );
    const changes = seeders.flatMap(({ steps }) => steps.filter(({ done }) => done !== 'there'));
    expect(changes).toEqual([expect.objectContaining({ done: 'renewed', what: expect.stringContaining('trial') })]);
    expect(await contents(database, TRIAL)).toEqual(before);
  });

  describe('verify', () => {
    it('finds no fault, and leaves everything as it was', async () => {
      const before = await contents(database, SIGN_IN);
      const { code, out } = await run(['verify']);
      expect({ code, verdict: out.trimEnd().split('\n').at(-1) }).toEqual({ code: 0, verdict: 'No fault.' });
      for (const heading of ['Locations', 'Organizations', 'Users', 'Roles', 'Requests'])
        expect(out).toContain(heading);
      expect(await contents(database, SIGN_IN)).toEqual(before);
    });

    it('finds none where somebody of another tenant has the same address, as after a restore beside the first', async () => {
      const namesake = `from core.users u, core.organizations o
        where u.email = 'admin@testcorp.com' and u.organization_id <> o.id and o.tenant_code = 'initech'`;
      await database.sql(`insert into core.users (id, organization_id, username, email, hashed_password)
        select gen_random_uuid(), o.id, 'namesake', u.email, u.hashed_password ${namesake}`);
      await database.sql(`insert into core.user_tenant_associations (organization_id, user_id)
        select organization_id, id from core.users where username = 'namesake'`);
      const { code, out } = await run(['verify']);
      expect({ code, verdict: out.trimEnd().split('\n').at(-1) }).toEqual({ code: 0, verdict: 'No fault.' });
    });

    it('names each fault, and ends with 1', async () => {
      await database.sql(
        `delete from core.role_permissions rp using core.roles r, core.permissions p
         where r.id = rp.role_id and p.id = rp.permission_id and r.role_code = 'viewer' and r.organization_id is null and p.permission_code = 'crm_leads_read'`,
      );
      await database.sql(
        `update tenancy.fence f set state = 'moved' from core.organizations o where o.id = f.organization_id and o.tenant_code = 'acme'`,
      );
      const { code, document } = await run(['verify', '--json']);
      expect(code).toBe(1);
      const { ok, faults } = document() as { ok: boolean; faults: string[] };
      expect(ok).toBe(false);
      const told = faults.join('\n');
      expect(told).toMatch(/viewer.*1 missing/);
      expect(told).toMatch(/acme.*its fence is moved/);
      expect(told).toMatch(/GET \/crm\/leads.*expected 200, got 503/);
      await database.sql(`update tenancy.fence set state = 'active'`);
    });
  });

  describe('user:create', () => {
    const user = ['user:create', '--email', 'grace@testcorp.com', '--tenant', 'TestCorp', '--role', 'editor'];

    it('makes a member who can sign in', async () => {
      const { code, document } = await run(
        [...user, '--full-name', 'Grace Hopper', '--password-stdin', '--json'],
        'nanoseconds-1906\n',
      );
      expect(code).toBe(0);
      const told = document() as Record<string, unknown>;
      expect(told).toMatchObject({ ok: true, email: 'grace@testcorp.com', username: 'grace', role_codes: ['editor'] });
      expect(JSON.stringify(told)).not.toContain('nanoseconds');
      const [stored] = await database.sql<{ hashed_password: string; tenant: string; member: string; role: string }>(
        `select u.hashed_password, o.tenant_code as tenant, a.status as member, r.role_code as role from core.users u
         join core.organizations o on o.id = u.organization_id join core.user_tenant_associations a on a.user_id = u.id and a.organization_id = o.id
         join core.user_roles ur on ur.user_id = u.id join core.roles r on r.id = ur.role_id where u.id = $1`,
        [told['id']],
      );
      expect(stored).toMatchObject({ tenant: 'testcorp', member: 'active', role: 'editor' });
      expect(await compare('nanoseconds-1906', stored?.hashed_password ?? '')).toBe(true);
      const audit = await database.sql(
        `select action, actor_kind from core.audit_log where resource = 'users' and resource_id = $1`,
        [told['id']],
      );
      expect(audit).toEqual([{ action: 'create', actor_kind: 'system' }]);
      const groups = await database.sql(
        `select g.group_code, a.action, a.actor_kind from core.user_group_members m join core.user_groups g on g.id = m.group_id
         join core.audit_log a on a.resource = 'user_group_members' and a.resource_id = m.id where m.user_id = $1`,
        [told['id']],
      );
      expect(groups).toEqual([{ group_code: 'regular_users', action: 'create', actor_kind: 'system' }]);
    });

    it('says in a sentence that the address is taken, and makes nothing', async () => {
      const before = await contents(database);
      const { code, out, err } = await run(user);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/^error: The (username grace|email grace@testcorp\.com) is taken there\.$/m);
      expect(err).not.toMatch(INSIDE);
      expect(await contents(database)).toEqual(before);
    });
  });

  it('access:explain: decides as a request would be decided', async () => {
    const asked = ['access:explain', '--user', 'viewer@globex.com', '--tenant', 'globex', '--access'];
    const { code, document } = await run([...asked, 'manufacturing.orders:read', '--json']);
    expect(code).toBe(0);
    expect(document()).toMatchObject({
      ok: true,
      verdict: { passed: false, layer: 'entitlement', code: 'not_entitled', reason: 'not_in_plan' },
    });
    const unknown = await run([
      'access:explain',
      '--user',
      'nobody',
      '--tenant',
      'globex',
      '--access',
      'crm.leads:read',
    ]);
    expect(unknown).toMatchObject({ code: 2, out: '' });
    expect(unknown.err).toContain('There is no user "nobody" there.');
  });

  it('doctor: says which right is missing, with the statement that gives it', async () => {
    const healthy = await run(['doctor']);
    expect(healthy.out).toContain('stored, read and deleted a file');
    expect(healthy.out).toContain('No fault.');
    expect(healthy.code).toBe(0);
    await database.sql('revoke insert on shared.crm_leads from tenantry_app');
    const { code, document } = await run(['doctor', '--json']);
    expect(code).toBe(1);
    const { findings } = document() as { findings: { name: string; state: string; remedy?: string[] }[] };
    const faults = findings.filter(({ state }) => state === 'fault');
    expect(faults.map(({ name }) => name)).toEqual(['grants']);
    const [statement = ''] = faults[0]?.remedy ?? [];
    const may = () => database.sql(`select has_table_privilege('tenantry_app', 'shared.crm_leads', 'insert') as may`);
    await database.sql(statement);
    expect(await may()).toEqual([{ may: true }]);
    await database.sql('revoke insert on shared.crm_leads from tenantry_app');
    expect(await run(['migrate', '--rights'])).toMatchObject({ code: 0 });
    expect(await may()).toEqual([{ may: true }]);
  });

  describe('doctor, of a database of a tenant', () => {
    const location = randomUUID();
    const name = `tenant_doctor_${location.slice(-8)}`;
    let at: Awaited<ReturnType<TestDatabase['places']>>[number];
    beforeAll(async () => {
      await new databaseModule.LocationMaker(database.urls).makeDatabase({ server: 'main', database: name, location });
      await database.sql(
        `insert into core.locations (id, isolation, server, database_name, schema_name, status, migration)
         select $2, 'database', 'main', $1, 'tenant', 'ready', migration from core.locations where isolation = 'shared'`,
        [name, location],
      );
      const place = (await database.places()).find((each) => each.database === name);
      if (place === undefined) throw new Error('the place is not there');
      at = place;
    });

    const findingOf = async (asked: string) => {
      const { document } = await run(['doctor', '--json']);
      const { findings } = document() as { findings: { name: string; state: string; remedy?: string[] }[] };
      return findings.find((finding) => finding.name === asked);
    };
    const statements = async () => (await findingOf('grants'))?.remedy?.map((each) => each.replace(/^\S+ /, ''));

    it('looks at its walls too, and says when it cannot be asked', async () => {
      await at.sql('alter table crm_leads no force row level security');
      expect(await findingOf('walls')).toMatchObject({
        state: 'fault',
        remedy: [expect.stringMatching(`^main/${name}: Row-level security .* on tenant.crm_leads`)],
      });
      await at.sql('alter table crm_leads force row level security');
      expect(await findingOf('walls')).toMatchObject({ state: 'ok' });
      await database.sql(`alter database ${name} with allow_connections false`);
      expect(await findingOf('walls')).toMatchObject({
        state: 'fault',
        remedy: [expect.stringMatching(`^main/${name}: `)],
      });
      await database.sql(`alter database ${name} with allow_connections true`);
    });

    it('says which right is missing there, and migrate --rights gives it', async () => {
      await at.sql('revoke insert on crm_leads from tenantry_app');
      await at.sql('revoke execute on function tenancy.fence_of from tenantry_mover');
      await database.sql(`revoke temporary on database ${name} from tenantry_mover`);
      expect(await statements()).toEqual([
        'grant execute on function tenancy.fence_of(uuid) to tenantry_mover;',
        'grant insert on tenant.crm_leads to tenantry_app;',
        `grant temporary on database ${name} to tenantry_mover;`,
      ]);
      await database.sql(`revoke connect on database ${name} from tenantry_platform`);
      expect(await statements()).toEqual([`grant connect on database ${name} to tenantry_platform;`]);
      expect(await run(['migrate', '--rights'])).toMatchObject({ code: 0 });
      const rights = `select has_database_privilege('tenantry_platform', $1, 'connect') as connect,
        has_database_privilege('tenantry_mover', $1, 'temporary') as temporary`;
      expect(await database.sql(rights, [name])).toEqual([{ connect: true, temporary: true }]);
      expect(await at.sql(`select has_table_privilege('tenantry_app', 'crm_leads', 'insert') as insert`)).toEqual([
        { insert: true },
      ]);
    });
  });
});

/** A checksum of each table's rows, so that any change shows, by its table's name. */
async function contents({ sql }: TestDatabase, without: readonly string[] = []): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('core', 'shared', 'tenancy') order by 1`,
  );
  const rows = await sql<{ name: string; sum: string }>(
    tables
      .filter(({ name }) => !without.includes(name))
      .map(
        ({ name }) =>
          `select '${name}' as name, coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as sum from ${name} t`,
      )
      .join(' union all '),
  );
  return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]));
}
