import { APP_ROLE, OWNER_ROLE, PLATFORM_ROLE, QUEUE_SCHEMA } from './policies.js';
import type { Pools } from './pools.js';

/** Runs one statement as the application's login, in the database that is inspected. */
export type Ask = (sql: string) => Promise<{ rows: { name: string; detail?: string }[] }>;

interface Check {
  /** Gives the `name` of each thing that is wrong and, where it matters, a `detail`. */
  readonly find: string;
  /** A sentence on all that was found and on what to do about it. */
  readonly fault: (found: string, names: readonly string[]) => string;
}

/** What the login is or can become by SET ROLE: a right of one of these roles is a right of the login. */
const REACH = `reach as (select oid, rolname from pg_roles where pg_has_role(session_user, oid, 'member'))`;
const OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
const TABLES = `pg_class c join pg_namespace n on n.oid = c.relnamespace`;
const NAME = `format('%I.%I', n.nspname, c.relname)`;
/** Tables of tenants: those with organization_id, and `organizations`, whose id it is. */
const OF_TENANTS = `${OURS} and c.relkind in ('r', 'p') and (${NAME} = 'core.organizations' or exists (
  select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped))`;
const anyRight = (check: string, rights: readonly string[]) =>
  `(select string_agg(distinct r.kind, ', ') from reach, unnest(array[${rights.map((right) => `'${right}'`).join(', ')}]) as r(kind) where ${check})`;

/** Sentences name this many things: a fault of one migration is a fault of every location. */
const NAMED = 5;

const runAsOwner = (names: readonly string[], statement: (name: string) => string): string => {
  const statements = names.slice(0, NAMED).map((name) => `${statement(name)};`);
  return `Run as the owner: ${statements.join(' ')}${names.length > NAMED ? ' and so on for the others.' : ''}`;
};

/** First of all: with one of these every other question about the login is idle. */
const POWERS: Check[] = [
  {
    find: `select rolname as name, concat_ws(', ', case when rolsuper then 'SUPERUSER' end, case when rolbypassrls then 'BYPASSRLS' end,
        case when rolcreaterole then 'CREATEROLE' end, case when rolreplication then 'REPLICATION' end) as detail
      from pg_roles where pg_has_role(session_user, oid, 'member') and (rolsuper or rolbypassrls or rolcreaterole or rolreplication)`,
    fault: (found) =>
      `The application's login could pass every wall, for it is or can become ${found}. Give DATABASE_APP_URL a login that is ${APP_ROLE} (or a member of it) and nothing more: create role … login nosuperuser nobypassrls nocreaterole noreplication in role ${APP_ROLE}.`,
  },
  {
    find: `select rolname as name, case rolname when '${OWNER_ROLE}' then 'owns every table' when '${PLATFORM_ROLE}' then 'crosses tenants' else 'reaches the server' end as detail
      from pg_roles where pg_has_role(session_user, oid, 'member')
      and rolname in ('${OWNER_ROLE}', '${PLATFORM_ROLE}', 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')`,
    fault: (found, names) =>
      `The application's login is, or is a member of, ${found}. Give DATABASE_APP_URL a login of its own, or take the membership away: revoke ${names.join(', ')} from <that login>.`,
  },
];

/** What the login may do besides reading and writing rows under the policies. */
const RIGHTS: Check[] = [
  {
    find: `with ${REACH} select ${NAME} as name from ${TABLES} join reach on reach.oid = c.relowner where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      union all select 'schema ' || n.nspname from pg_namespace n join reach on reach.oid = n.nspowner where ${OURS}
      union all select 'database ' || d.datname from pg_database d join reach on reach.oid = d.datdba where d.datname = current_database()`,
    fault: (found) =>
      `The application's login owns ${found}, and an owner can take a table's policies away. Hand them to the owner: reassign owned by <that login> to ${OWNER_ROLE}, or run the migrations with DATABASE_URL instead.`,
  },
  {
    find: `with ${REACH} select name, rights as detail from (select ${NAME} as name,
        ${anyRight('has_table_privilege(reach.oid, c.oid, r.kind)', ['truncate', 'references', 'trigger'])} as rights
      from ${TABLES} where ${OURS} and c.relkind in ('r', 'p')) t where rights is not null`,
    fault: (found, names) =>
      `The application's login holds rights that ignore policies: ${found}. ${runAsOwner(names, (name) => `revoke truncate, references, trigger on ${name} from ${APP_ROLE}, public`)}`,
  },
  {
    find: `with ${REACH} select format('schema %I', n.nspname) as name from pg_namespace n where ${OURS} and exists (select from reach where has_schema_privilege(reach.oid, n.oid, 'create'))
      union all select format('database %I', d.datname) from pg_database d where d.datname = current_database() and exists (select from reach where has_database_privilege(reach.oid, d.oid, 'create'))`,
    fault: (found, names) =>
      `The application's login may create things in ${found}. ${runAsOwner(names, (name) => `revoke create on ${name} from ${APP_ROLE}, public`)}`,
  },
  {
    find: `with ${REACH} select ${NAME} as name from ${TABLES} where ${OURS} and c.relispartition and c.relkind in ('r', 'p') and exists (
      select from reach where has_table_privilege(reach.oid, c.oid, 'select, insert, update, delete') or has_any_column_privilege(reach.oid, c.oid, 'select, insert, update'))`,
    fault: (found, names) =>
      `The application's login reaches ${found} directly, and a partition does not have its table's policies. ${runAsOwner(names, (name) => `revoke all on ${name} from ${APP_ROLE}, public`)}`,
  },
  {
    find: `with ${REACH} select format('schema %I', n.nspname) as name from pg_namespace n where n.nspname = '${QUEUE_SCHEMA}'
        and exists (select from reach where has_schema_privilege(reach.oid, n.oid, 'usage'))
      union all select ${NAME} from ${TABLES} where n.nspname = '${QUEUE_SCHEMA}' and c.relkind in ('r', 'p') and exists (
        select from reach where has_table_privilege(reach.oid, c.oid, 'select, insert, update, delete') or has_any_column_privilege(reach.oid, c.oid, 'select, insert, update'))`,
    fault: (found, names) =>
      `The application's login reaches ${found}, where the jobs of all tenants are. ${runAsOwner(names, (name) => `revoke all on ${name} from ${APP_ROLE}, public`)}`,
  },
  {
    find: `with ${REACH} select format('%I on %s', p.polname, ${NAME}) as name from pg_policy p join ${TABLES} on c.oid = p.polrelid where ${OF_TENANTS} and p.polpermissive
      and (0 = any (p.polroles) or exists (select from reach where reach.oid = any (p.polroles)))
      and 'true' in (pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))`,
    fault: (found, names) =>
      `A policy opens every tenant's rows to the application's login: ${found}. ${runAsOwner(names, (name) => `drop policy ${name}`)}`,
  },
  {
    find: `with ${REACH} select ${NAME} as name from ${TABLES} where ${OURS} and c.relkind in ('v', 'm')
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped)
      and exists (select from reach where has_table_privilege(reach.oid, c.oid, 'select'))
      and (c.relkind = 'm' or not coalesce('security_invoker=true' = any (c.reloptions) or 'security_invoker=on' = any (c.reloptions), false))`,
    fault: (found) =>
      `${found} shows rows of tenants past their policies. Make a view security_invoker (alter view … set (security_invoker = true)); a materialized view of tenants' rows cannot be kept apart: drop it.`,
  },
];

const TABLE_WALLS: Check[] = [
  {
    find: `select ${NAME} as name from ${TABLES} where ${OF_TENANTS} and not (c.relrowsecurity and c.relforcerowsecurity)`,
    fault: (found, names) =>
      `Row-level security is not enabled and forced on ${found}, which has rows of tenants. ${runAsOwner(names, (name) => `alter table ${name} enable row level security, force row level security`)} In an entity it is the wall of its definition (tenantWall, coreWall …).`,
  },
  {
    find: `select ${NAME} as name from ${TABLES} where ${OF_TENANTS} and not c.relispartition and not exists (select from pg_policy p where p.polrelid = c.oid)`,
    fault: (found) =>
      `There is no policy on ${found}, which has rows of tenants. Give the entity its wall (tenantWall, coreWall …) and make a migration of it: tenantry migrate:create.`,
  },
];

/**
 * What would let the application's login see or change the rows of a tenant that it is not working for, in sentences
 * that say what to do. Empty: the walls stand. Everything is read from the catalogues, so it holds for each schema of the
 * database, whatever made it.
 */
export async function inspectWalls(ask: Ask): Promise<string[]> {
  const powers = await faultsOf(ask, POWERS);
  const login = powers.length > 0 ? powers.slice(0, 1) : await faultsOf(ask, RIGHTS);
  return [...login, ...(await faultsOf(ask, TABLE_WALLS))];
}

/** Stops the start when a wall is down: throws an Error that tells every fault, one a line. */
export async function assertWalls(pools: Pools): Promise<void> {
  const pool = pools.get('app');
  const faults = await inspectWalls((sql) => pool.query<{ name: string; detail?: string }>(sql));
  if (faults.length === 0) return;
  throw new Error(['the walls between tenants do not stand:', ...faults.map((fault) => `  - ${fault}`)].join('\n'));
}

async function faultsOf(ask: Ask, checks: readonly Check[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { find, fault } of checks) {
    const { rows } = await ask(`${find} order by 1`);
    if (rows.length === 0) continue;
    const told = rows.map(({ name, detail }) => (detail === undefined ? name : `${name} (${detail})`));
    faults.push(
      fault(
        listed(told),
        rows.map(({ name }) => name),
      ),
    );
  }
  return faults;
}

const listed = (names: readonly string[]): string =>
  names.length <= NAMED
    ? names.join(', ')
    : `${names.slice(0, NAMED).join(', ')} and ${String(names.length - NAMED)} more`;
