import type pg from 'pg';
import {
  APP_ROLE,
  type DatabaseAt,
  type DatabaseUrls,
  MOVER_ROLE,
  PLATFORM_ROLE,
  QUEUE_SCHEMA,
  Servers,
} from '../../platform/database/index.js';
import { connected } from '../connected.js';
import { explain } from '../explain.js';
import { fault, type Finding, ok } from './finding.js';
import { ownPlaces } from './own-places.js';

/** What the two logins need on a kind of object, as `GRANT … ON … TO`. */
interface Missing {
  readonly statement: string;
}
const ROLES = `'${APP_ROLE}', '${PLATFORM_ROLE}'`;
const TABLE = `format('%I.%I', n.nspname, c.relname)`;

/** Rights on a table of core that a role does without: what the application is not to touch. */
const WITHOUT = `values
  ('${APP_ROLE}', 'access_version', '{select,insert,update,delete}'), ('${APP_ROLE}', 'locations', '{select,insert,update,delete}'),
  ('${APP_ROLE}', 'moves', '{select,insert,update,delete}'), ('${APP_ROLE}', 'exports', '{delete}'),
  ('${APP_ROLE}', 'sessions', '{select,insert,update,delete}'), ('${APP_ROLE}', 'one_time_tokens', '{select,insert,update,delete}'),
  ('${APP_ROLE}', 'permissions', '{insert,update,delete}'), ('${APP_ROLE}', 'plans', '{insert,update,delete}'),
  ('${APP_ROLE}', 'subscriptions', '{insert,update,delete}'), ('${APP_ROLE}', 'module_trials', '{update,delete}'),
  ('${APP_ROLE}', 'organizations', '{insert,update,delete}'), ('${APP_ROLE}', 'audit_log', '{update,delete}'),
  ('${APP_ROLE}', 'location_steps', '{select,insert,update,delete}'), ('${APP_ROLE}', 'tombstones', '{select,insert,update,delete}'), ('${APP_ROLE}', 'user_tenant_associations', '{update}'),
  ('${PLATFORM_ROLE}', 'audit_log', '{update,delete}'), ('${PLATFORM_ROLE}', 'access_version', '{insert,update,delete}')`;

/** Of core and the queue, which stand in the main database alone. */
const CORE = [
  `select format('grant usage on schema core to %I;', r.rolname) as statement from pg_roles r
   where r.rolname in (${ROLES}) and not has_schema_privilege(r.oid, 'core', 'usage')`,
  // tables, but for what is withheld
  `select format('grant %s on %s to %I;', string_agg(need, ', ' order by need), ${TABLE}, r.rolname) as statement
   from pg_class c join pg_namespace n on n.oid = c.relnamespace, pg_roles r, unnest(array['select', 'insert', 'update', 'delete']) need
   where n.nspname = 'core' and c.relkind in ('r', 'p') and not c.relispartition and r.rolname in (${ROLES})
   and not exists (select from (${WITHOUT}) w(role, name, needless) where w.role = r.rolname and w.name = c.relname and need = any (w.needless::text[]))
   and not has_table_privilege(r.oid, c.oid, need) group by n.nspname, c.relname, r.rolname`,
  `select format('grant execute on function %s to %I;', p.oid::regprocedure, v.role) as statement
   from (values ('enter', '${APP_ROLE}'), ('is_guest', '${APP_ROLE}'), ('member_names', '${APP_ROLE}'),
     ('is_living_member', '${APP_ROLE}'), ('place', '${APP_ROLE}'), ('place', '${PLATFORM_ROLE}'),
     ('assert_purged', '${PLATFORM_ROLE}'), ('remove_purged_audit', '${PLATFORM_ROLE}'), ('forget_purged', '${PLATFORM_ROLE}')) v(name, role)
   join pg_proc p on p.pronamespace = 'core'::regnamespace and p.proname = v.name
   where not has_function_privilege(v.role::name, p.oid, 'execute')`,
  // the queue's, which are the platform's alone
  `select format('grant usage on schema %I to ${PLATFORM_ROLE};', n.nspname) as statement from pg_namespace n
   where n.nspname = '${QUEUE_SCHEMA}' and not has_schema_privilege('${PLATFORM_ROLE}', n.oid, 'usage')`,
  `select format('grant %s on %s to ${PLATFORM_ROLE};', string_agg(need, ', ' order by need), ${TABLE}) as statement
   from (values ('job', '{select,insert,update,delete}'), ('job_common', '{select,insert,update,delete}'), ('job_dependency', '{select,insert,update,delete}'),
     ('queue', '{select,insert,update}'), ('schedule', '{select,insert,update}'), ('version', '{select,update}')) v(name, needs),
   unnest(v.needs::text[]) need, pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = '${QUEUE_SCHEMA}' and c.relname = v.name and not has_table_privilege('${PLATFORM_ROLE}', c.oid, need) group by n.nspname, c.relname`,
  `select format('grant execute on function %s to ${PLATFORM_ROLE};', p.oid::regprocedure) as statement
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where n.nspname = '${QUEUE_SCHEMA}' and p.proname in ('job_now', 'create_queue') and not has_function_privilege('${PLATFORM_ROLE}', p.oid, 'execute')`,
  `select format('grant %s to %I with inherit true, set false;', '${APP_ROLE}', r.rolname) as statement from pg_roles r
   where r.rolname = '${MOVER_ROLE}' and not pg_has_role(r.oid, '${APP_ROLE}', 'usage')`,
];

/** Without it nothing can be asked inside. $1 is the database. */
const CONNECT = `select format('grant connect on database %I to %I;', d.datname, r.rolname) as statement from pg_roles r, pg_database d
  where d.datname = $1 and r.rolname in (${ROLES}, '${MOVER_ROLE}') and not has_database_privilege(r.oid, d.oid, 'connect')`;

/** Of the fence, the ledger and the functions, which stand in each database; and of the database itself. */
const DATABASE = [
  `select format('grant usage on schema tenancy to %I;', r.rolname) as statement from pg_roles r
   where r.rolname in (${ROLES}) and not has_schema_privilege(r.oid, 'tenancy', 'usage')`,
  `select format('grant %s on %s to ${PLATFORM_ROLE};', need, t) as statement
   from (values ('tenancy.fence', 'select'), ('tenancy.fence', 'insert'), ('tenancy.fence', 'update'), ('tenancy.fence', 'delete'), ('tenancy.migrations', 'select')) v(t, need)
   where not has_table_privilege('${PLATFORM_ROLE}', t, need)`,
  `select format('grant execute on function %s to %I;', p.oid::regprocedure, v.role) as statement
   from (values ('enter', '${APP_ROLE}'), ('enter_read', '${APP_ROLE}'), ('outbox_backlog', '${PLATFORM_ROLE}'),
     ('make_audit_partitions', '${PLATFORM_ROLE}')) v(name, role)
   join pg_proc p on p.pronamespace = 'tenancy'::regnamespace and p.proname = v.name
   where not has_function_privilege(v.role::name, p.oid, 'execute')`,
  // the mover's, where there is one: what it has besides the application's
  `select format('grant execute on function %s to %I;', p.oid::regprocedure, r.rolname) as statement
   from pg_proc p join pg_roles r on r.rolname = '${MOVER_ROLE}'
   where p.pronamespace = 'tenancy'::regnamespace and p.proname in ('capture', 'release', 'fence_of', 'turn_fence', 'assert_copy', 'remove_copied_audit', 'analyze_copy')
   and not has_function_privilege(r.oid, p.oid, 'execute')`,
  `select format('grant select, delete on tenancy.move_log to %I;', r.rolname) as statement from pg_roles r
   where r.rolname = '${MOVER_ROLE}' and not (has_table_privilege(r.oid, 'tenancy.move_log', 'select') and has_table_privilege(r.oid, 'tenancy.move_log', 'delete'))`,
  `select format('grant temporary on database %I to %I;', current_database(), r.rolname) as statement from pg_roles r
   where r.rolname = '${MOVER_ROLE}' and not has_database_privilege(r.oid, current_database(), 'temporary')`,
];

/** Of the schemas of locations in a database: their names are $1. */
const PLACES = [
  `select format('grant usage on schema %I to ${APP_ROLE};', n.nspname) as statement from pg_namespace n
   where n.nspname = any ($1::name[]) and not has_schema_privilege('${APP_ROLE}', n.oid, 'usage')`,
  `select format('grant %s on %s to ${APP_ROLE};', string_agg(need, ', ' order by need), ${TABLE}) as statement
   from pg_class c join pg_namespace n on n.oid = c.relnamespace, unnest(array['select', 'insert', 'update', 'delete']) need
   where n.nspname = any ($1::name[]) and c.relkind in ('r', 'p') and not c.relispartition
   and not (c.relname = 'audit_log' and need in ('update', 'delete'))
   and not has_table_privilege('${APP_ROLE}', c.oid, need) group by n.nspname, c.relname`,
  `select format('grant execute on function %s to ${APP_ROLE};', p.oid::regprocedure) as statement
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where n.nspname = any ($1::name[]) and p.proname = 'posts_found' and not has_function_privilege('${APP_ROLE}', p.oid, 'execute')`,
];

/** Rights that the logins lack, wherever tenants are, with the statements that give them. Asked as the platform's login. */
export async function grants(urls: DatabaseUrls): Promise<Finding> {
  const servers = new Servers(urls);
  const missing = await connected(urls.platform, async (client) => {
    const { rows } = await client.query<{ schema: string }>(
      `select schema_name as schema from core.locations where database_name is null and status = 'ready'`,
    );
    const schemas = rows.map(({ schema }) => schema);
    const inside = await missingInDatabase(client, servers.main.database, schemas);
    return [...(await missingBy(client, CORE)), ...inside].sort();
  });
  for (const { schema, ...at } of await connected(urls.platform, ownPlaces)) {
    const found = await missingElsewhere(servers, at, schema);
    missing.push(...found.sort().map((each) => `${at.server}/${at.database}: ${each}`));
  }
  if (missing.length === 0) return ok('grants', 'the logins have the rights they need, in every database');
  return fault(
    'grants',
    `${String(missing.length)} are missing; tenantry migrate --rights gives them anew, or run as the owner:`,
    ...missing,
  );
}

/** Where nothing can be asked, why. */
async function missingElsewhere(servers: Servers, at: DatabaseAt, schema: string): Promise<string[]> {
  const ask = (database: DatabaseAt, work: (client: pg.Client) => Promise<string[]>) =>
    connected(servers.url('platform', database), work);
  try {
    return await ask(at, (client) => missingInDatabase(client, at.database, [schema]));
  } catch (error) {
    const connect = (client: pg.Client) => missingBy(client, [CONNECT], [at.database]);
    const missing = await ask(servers.maintenance(at.server), connect).catch(() => []);
    return missing.length > 0 ? missing : [explain(error).message];
  }
}

const missingInDatabase = async (
  client: pg.Client,
  database: string,
  schemas: readonly string[],
): Promise<string[]> => [
  ...(await missingBy(client, [CONNECT], [database])),
  ...(await missingBy(client, DATABASE)),
  ...(await missingBy(client, PLACES, [schemas])),
];

async function missingBy(client: pg.Client, queries: readonly string[], values: unknown[] = []): Promise<string[]> {
  const missing: string[] = [];
  for (const query of queries) {
    const { rows } = await client.query<Missing>(query, values);
    missing.push(...rows.map(({ statement }) => statement));
  }
  return missing;
}
