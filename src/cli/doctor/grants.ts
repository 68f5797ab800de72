import type pg from 'pg';
import { APP_ROLE, MOVER_ROLE, PLATFORM_ROLE, QUEUE_SCHEMA } from '../../platform/database/index.js';
import { fault, type Finding, ok } from './finding.js';

/** What the two logins need on a kind of object, as `GRANT … ON … TO`. */
interface Missing {
  readonly statement: string;
}
const ROLES = `'${APP_ROLE}', '${PLATFORM_ROLE}'`;
const LOCATIONS = `(select schema_name::text from core.locations where database_name is null and status = 'ready')`;
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

const QUERIES = [
  // schemas
  `select distinct format('grant usage on schema %I to %I;', n.nspname, r.rolname) as statement from pg_namespace n, pg_roles r
   where r.rolname in (${ROLES}) and (n.nspname in ('core', 'tenancy') or r.rolname = '${APP_ROLE}' and n.nspname::text in ${LOCATIONS})
   and not has_schema_privilege(r.oid, n.oid, 'usage')`,
  // tables of core, but for what is withheld
  `select format('grant %s on %s to %I;', string_agg(need, ', ' order by need), ${TABLE}, r.rolname) as statement
   from pg_class c join pg_namespace n on n.oid = c.relnamespace, pg_roles r, unnest(array['select', 'insert', 'update', 'delete']) need
   where n.nspname = 'core' and c.relkind in ('r', 'p') and not c.relispartition and r.rolname in (${ROLES})
   and not exists (select from (${WITHOUT}) w(role, name, needless) where w.role = r.rolname and w.name = c.relname and need = any (w.needless::text[]))
   and not has_table_privilege(r.oid, c.oid, need) group by n.nspname, c.relname, r.rolname`,
  // tables of the locations
  `select format('grant %s on %s to %I;', string_agg(need, ', ' order by need), ${TABLE}, r.rolname) as statement
   from pg_class c join pg_namespace n on n.oid = c.relnamespace, pg_roles r, unnest(array['select', 'insert', 'update', 'delete']) need
   where n.nspname::text in ${LOCATIONS} and c.relkind in ('r', 'p') and not c.relispartition and r.rolname = '${APP_ROLE}'
   and not (c.relname = 'audit_log' and need in ('update', 'delete'))
   and not has_table_privilege(r.oid, c.oid, need) group by n.nspname, c.relname, r.rolname`,
  // the fence, the ledger, the functions
  `select format('grant %s on %s to ${PLATFORM_ROLE};', need, t) as statement
   from (values ('tenancy.fence', 'select'), ('tenancy.fence', 'insert'), ('tenancy.fence', 'update'), ('tenancy.fence', 'delete'), ('tenancy.migrations', 'select')) v(t, need)
   where not has_table_privilege('${PLATFORM_ROLE}', t, need)`,
  `select format('grant execute on function %s to %I;', p.oid::regprocedure, v.role) as statement
   from (values ('core', 'enter', '${APP_ROLE}'), ('core', 'is_guest', '${APP_ROLE}'), ('core', 'member_names', '${APP_ROLE}'),
     ('core', 'is_living_member', '${APP_ROLE}'), ('core', 'place', '${APP_ROLE}'), ('core', 'place', '${PLATFORM_ROLE}'),
     ('tenancy', 'enter', '${APP_ROLE}'), ('tenancy', 'enter_read', '${APP_ROLE}'), ('tenancy', 'outbox_backlog', '${PLATFORM_ROLE}'),
     ('tenancy', 'make_audit_partitions', '${PLATFORM_ROLE}')) v(schema, name, role)
   join pg_namespace n on n.nspname = v.schema join pg_proc p on p.pronamespace = n.oid and p.proname = v.name
   where not has_function_privilege(v.role::name, p.oid, 'execute')`,
  `select format('grant execute on function %s to ${APP_ROLE};', p.oid::regprocedure) as statement
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where n.nspname::text in ${LOCATIONS} and p.proname = 'posts_found' and not has_function_privilege('${APP_ROLE}', p.oid, 'execute')`,
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
  // the mover's, where there is one: what it has besides the application's
  `select format('grant execute on function %s to %I;', p.oid::regprocedure, r.rolname) as statement
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles r on r.rolname = '${MOVER_ROLE}'
   where n.nspname = 'tenancy' and p.proname in ('capture', 'release', 'fence_of', 'turn_fence', 'assert_copy', 'remove_copied_audit', 'analyze_copy')
   and not has_function_privilege(r.oid, p.oid, 'execute')`,
  `select format('grant select, delete on tenancy.move_log to %I;', r.rolname) as statement from pg_roles r
   where r.rolname = '${MOVER_ROLE}' and not (has_table_privilege(r.oid, 'tenancy.move_log', 'select') and has_table_privilege(r.oid, 'tenancy.move_log', 'delete'))`,
  `select format('grant %s to %I with inherit true, set false;', '${APP_ROLE}', r.rolname) as statement from pg_roles r
   where r.rolname = '${MOVER_ROLE}' and not pg_has_role(r.oid, '${APP_ROLE}', 'usage')`,
  `select format('grant temporary on database %I to %I;', current_database(), r.rolname) as statement from pg_roles r
   where r.rolname = '${MOVER_ROLE}' and not has_database_privilege(r.oid, current_database(), 'temporary')`,
];

/** Rights that the application and the platform lack, with the statements that give them. Asked as the platform's login. */
export async function grants(client: pg.Client): Promise<Finding> {
  const missing: string[] = [];
  for (const query of QUERIES) {
    const { rows } = await client.query<Missing>(query);
    missing.push(...rows.map(({ statement }) => statement));
  }
  if (missing.length === 0) return ok('grants', 'the application and the platform have the rights they need');
  return fault(
    'grants',
    `${String(missing.length)} are missing; tenantry migrate --rights gives them anew, or run as the owner:`,
    ...missing.sort(),
  );
}
