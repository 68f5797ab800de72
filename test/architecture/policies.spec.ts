import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as policies from '../../src/platform/database/policies.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

interface Table {
  readonly name: string;
  readonly schema: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly partition: boolean;
  readonly policies: number;
  readonly of_tenants: boolean;
}
interface Policy {
  readonly table: string;
  readonly schema: string;
  readonly roles: string;
  readonly command: string;
  readonly permissive: boolean;
  readonly using: string | null;
  readonly check: string | null;
}

const OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
const NAME = `format('%I.%I', n.nspname, c.relname)`;
const TENANT_ROWS = 'organization_id = $organization';
const CORE_ROWS = 'organization_id = $core_organization';

describe('the walls in PostgreSQL', () => {
  let database: TestDatabase;
  let tables: Table[];
  let found: Policy[];
  beforeAll(async () => {
    database = await freshDatabase();
    tables = await readTables(database);
    found = await readPolicies(database);
  });
  afterAll(() => database.drop());

  const ofTenants = () => tables.filter(({ of_tenants }) => of_tenants);
  const locations = () =>
    database.sql<{ schema: string }>(`select schema_name as schema from core.locations where status = 'ready'`);

  it('are enabled and forced on every table with rows of tenants, in core and at every location', () => {
    expect(ofTenants().map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'core.organizations',
        'core.users',
        'shared.crm_leads',
        'shared.audit_log',
        'tenancy.fence',
      ]),
    );
    expect(ofTenants().filter(({ enabled, forced }) => !enabled || !forced)).toEqual([]);
  });

  it('have a policy each; a partition, which is reached through its table alone, has none', () => {
    expect(ofTenants().filter((table) => table.policies > 0 === table.partition)).toEqual([]);
  });

  it('stand on what was reviewed: a changed line is a security review', () => {
    const lines = found.map(
      ({ table, roles, command, using, check }) => `${table}  ${roles}  ${command}  ${expressionOf(using, check)}`,
    );
    expect(`\n${lines.sort().join('\n')}\n`).toMatchSnapshot();
  });

  it('let the application see its organization’s rows at a location, and nothing else there', async () => {
    const schemas = (await locations()).map(({ schema }) => schema);
    const there = found.filter(({ schema }) => schemas.includes(schema));
    expect(there.length).toBeGreaterThan(0);
    const others = there.filter(
      ({ roles, using, check }) => roles !== policies.APP_ROLE || expressionOf(using, check) !== TENANT_ROWS,
    );
    // the publisher's function looks which organizations have something to tell, posts_found for the words of posts;
    // of an audit log that a move left behind the owner's function removes the tenant's entries
    const ofOwner = schemas.flatMap((schema) => [
      ...['delete', 'select'].map((command) => ({
        ...definerReads,
        schema,
        table: `${schema}.audit_log`,
        command,
        using: TENANT_ROWS,
      })),
      ...['outbox', 'posts'].map((table) => ({ ...definerReads, schema, table: `${schema}.${table}` })),
    ]);
    expect(others).toEqual(ofOwner);
  });

  it('never take the setting of one plane for the other', () => {
    const mixed = found.filter(({ schema, using, check }) =>
      `${using ?? ''} ${check ?? ''}`.includes(schema === 'core' ? '$organization' : '$core_organization'),
    );
    expect(mixed).toEqual([]);
  });

  it('let the application write in core nothing but rows of the organization that it works for', () => {
    const writes = found.filter(
      ({ schema, roles, command }) => schema === 'core' && roles === policies.APP_ROLE && command !== 'select',
    );
    const written = writes.map(({ using, check, ...rest }) => ({ ...rest, rows: check ?? using ?? '' }));
    const elsewhere = written.filter(({ rows }) => !rows.includes('organization_id = $core_organization'));
    expect(elsewhere.map(({ table, command, rows }) => `${table} ${command} ${rows}`)).toEqual([
      'core.organizations update id = $core_organization',
    ]);
    expect(writes.some(({ check }) => check === CORE_ROWS)).toBe(true);
  });

  it('add up by permission alone, name their roles, and open everything to none but platform and owner', () => {
    expect(found.filter(({ permissive }) => !permissive)).toEqual([]);
    const roles = [policies.APP_ROLE, policies.OWNER_ROLE, policies.PLATFORM_ROLE];
    expect(found.filter((policy) => !roles.includes(policy.roles))).toEqual([]);
    const open = found.filter(({ using, check }) => using === 'true' || check === 'true');
    expect(open.filter(({ roles: given }) => given === policies.APP_ROLE)).toEqual([]);
  });

  it('have no window: the one view reads with the rights of who asks, and there is no materialized view', async () => {
    expect(
      await database.sql(
        `select ${NAME} as name, c.relkind as kind, c.reloptions as options
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and c.relkind in ('v', 'm')`,
      ),
    ).toEqual([{ name: 'core.members', kind: 'v', options: ['security_invoker=true'] }]);
  });

  it('are not walked around by rights: what each login may do was reviewed', async () => {
    const lines = await readRights(database);
    expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
    const rights = /truncate|references|trigger|maintain|create/;
    expect(lines.filter((line) => rights.test(line.split('  ').at(-1) ?? line))).toEqual([]);
  });

  it('give the mover what the application has and, besides that, what was reviewed', async () => {
    const lines = await readRights(database, [policies.APP_ROLE, policies.MOVER_ROLE]);
    const [apps, movers] = [policies.APP_ROLE, policies.MOVER_ROLE].map((role) =>
      lines.filter((line) => line.includes(`  ${role}  `)).map((line) => line.replace(`  ${role}  `, '  ')),
    );
    expect(apps?.filter((line) => !movers?.includes(line))).toEqual([]);
    expect(`\n${movers?.filter((line) => !apps?.includes(line)).join('\n') ?? ''}\n`).toMatchSnapshot();
  });
});

const definerReads = {
  roles: policies.OWNER_ROLE,
  command: 'select',
  permissive: true,
  using: 'true',
  check: null,
};

const readTables = ({ sql }: TestDatabase): Promise<Table[]> =>
  sql<Table>(
    `select ${NAME} as name, n.nspname as schema, c.relrowsecurity as enabled, c.relforcerowsecurity as forced, c.relispartition as partition,
       (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies,
       ${NAME} = 'core.organizations' or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped) as of_tenants
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and c.relkind in ('r', 'p') order by 1`,
  );

/** Every policy, with `$organization`, `$core_organization`, `$user` and `$sees_all` for the settings that policies.ts reads. */
async function readPolicies({ sql }: TestDatabase): Promise<Policy[]> {
  const settings = await storedSettings({ sql });
  const rows = await sql<Policy>(
    `select format('%I.%I', schemaname, tablename) as table, schemaname as schema, array_to_string(roles, ', ') as roles, lower(cmd) as command,
       permissive = 'PERMISSIVE' as permissive, qual as using, with_check as check from pg_policies order by 1, 3, 4`,
  );
  return rows.map((row) => ({ ...row, using: readable(row.using, settings), check: readable(row.check, settings) }));
}

/** How PostgreSQL itself writes the expressions of policies.ts, asked with a table that is thrown away. */
async function storedSettings({ sql }: Pick<TestDatabase, 'sql'>): Promise<Map<string, string>> {
  const written: [string, string, string][] = [
    ['$organization', 'id', policies.CURRENT_ORGANIZATION],
    ['$core_organization', 'id', policies.CORE_ORGANIZATION],
    ['$user', 'id', policies.CURRENT_USER],
    ['$sees_all', 'answer', `(select current_setting('app.sees_users', true) = 'all' as "sees_all")`],
  ];
  const stored = new Map<string, string>();
  await sql('create table public.probe (id uuid, answer boolean)');
  for (const [symbol, column, expression] of written) {
    await sql(`create policy probe on public.probe using (${column} = ${expression})`);
    const [row] = await sql<{ qual: string }>(`select qual from pg_policies where tablename = 'probe'`);
    stored.set(row?.qual.slice(`(${column} = `.length, -1) ?? '', symbol);
    await sql('drop policy probe on public.probe');
  }
  await sql('drop table public.probe');
  return stored;
}

function readable(expression: string | null, settings: Map<string, string>): string | null {
  if (expression === null) return null;
  let text = expression;
  for (const [stored, symbol] of settings) text = text.replaceAll(stored, symbol);
  return text.replace(/^\((.*)\)$/, '$1').replaceAll('::text', '');
}

/** One expression where reading and writing follow the same. */
function expressionOf(using: string | null, check: string | null): string {
  if (using === null) return check ?? '';
  return check === null || using === check ? using : `${using}  with check  ${check}`;
}

/** `core.users  tenantry_app  select, insert`: rights on whole tables, else on columns, then on functions. */
async function readRights(
  { sql }: TestDatabase,
  roles = [policies.APP_ROLE, policies.PLATFORM_ROLE],
): Promise<string[]> {
  const logins = `unnest(array['${roles.join(`', '`)}']) login`;
  const rows = await sql<{ line: string }>(
    `select concat_ws('  ', ${NAME}, login, string_agg(lower(kind), ', ' order by place)) as line
     from pg_class c join pg_namespace n on n.oid = c.relnamespace, ${logins},
       unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) with ordinality rights(kind, place)
     where ${OURS} and c.relkind in ('r', 'p') and has_table_privilege(login, c.oid, kind) group by n.nspname, c.relname, login
     union all
     select concat_ws('  ', ${NAME}, login, 'update of ' || string_agg(a.attname, ', ' order by a.attname))
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped, ${logins}
     where ${OURS} and c.relkind in ('r', 'p') and has_column_privilege(login, c.oid, a.attnum, 'UPDATE') and not has_table_privilege(login, c.oid, 'UPDATE')
     group by n.nspname, c.relname, login
     union all
     select concat_ws('  ', p.oid::regprocedure, login, 'execute') from pg_proc p join pg_namespace n on n.oid = p.pronamespace, ${logins}
     where ${OURS} and has_function_privilege(login, p.oid, 'EXECUTE')
     union all
     select concat_ws('  ', 'schema ' || n.nspname, login, string_agg(lower(kind), ', ')) from pg_namespace n, ${logins}, unnest(array['USAGE', 'CREATE']) kind
     where ${OURS} and has_schema_privilege(login, n.oid, kind) group by n.nspname, login order by 1`,
  );
  return rows.map(({ line }) => line);
}
