import pg from 'pg';
import { APP_ROLE, MOVER_ROLE, PLATFORM_ROLE } from './policies.js';

const schemaName = (schema: string) => pg.escapeIdentifier(schema);
const ROWS = 'select, insert, update, delete';

/** What the application may not do with a table of core that it otherwise reads and writes. */
const WITHHELD_FROM_APP: Record<string, string> = {
  access_version: ROWS,
  locations: ROWS,
  location_steps: ROWS,
  moves: ROWS,
  exports: 'delete',
  sessions: ROWS,
  one_time_tokens: ROWS,
  permissions: 'insert, update, delete',
  plans: 'insert, update, delete',
  subscriptions: 'insert, update, delete',
  module_trials: 'update, delete',
  organizations: 'insert, update, delete',
  audit_log: 'update, delete',
  tombstones: ROWS,
  user_tenant_associations: 'update',
};
/** A tenant changes these of its own row; code, plan, status, modules and place are the platform's. */
const OWN_ORGANIZATION =
  'tenant_name, settings, domain, domain_verified_at, subdomain, updated_at, updated_by, version';

/** Who is a member where never changes; what he is there does. */
const MEMBERSHIP = 'status, reports_to_id, version, updated_at, updated_by';

/**
 * The rights of the logins on one schema, given anew after each migration: a table that a migration made has none yet.
 * A partition is reached through its table alone, since policies hold only for the table that is asked.
 */
export function grantsOfCore(): string[] {
  return [
    `grant usage on schema core to ${APP_ROLE}, ${PLATFORM_ROLE}`,
    `grant ${ROWS} on all tables in schema core to ${APP_ROLE}, ${PLATFORM_ROLE}`,
    ...Object.entries(WITHHELD_FROM_APP).map(([table, rights]) => `revoke ${rights} on core.${table} from ${APP_ROLE}`),
    `grant update (${OWN_ORGANIZATION}) on core.organizations to ${APP_ROLE}`,
    `grant update (${MEMBERSHIP}) on core.user_tenant_associations to ${APP_ROLE}`,
    `revoke insert, update, delete on core.members from ${APP_ROLE}, ${PLATFORM_ROLE}`,
    `revoke update, delete on core.audit_log from ${PLATFORM_ROLE}`,
    `revoke insert, update, delete on core.access_version from ${PLATFORM_ROLE}`,
    `revoke all on all functions in schema core from public`,
    `grant execute on function core.enter, core.is_guest, core.is_living_member, core.member_names to ${APP_ROLE}`,
    `grant execute on function core.place to ${APP_ROLE}, ${PLATFORM_ROLE}`,
    `grant execute on function core.assert_purged, core.remove_purged_audit, core.forget_purged to ${PLATFORM_ROLE}`,
    withholdPartitions('core'),
    ...grantsOfQueue(),
  ];
}

/** Jobs of all tenants lie in one place: the platform's login alone works the queue, and makes nothing there. */
const grantsOfQueue = (): string[] => [
  'revoke all on all functions in schema pgboss from public',
  `grant usage on schema pgboss to ${PLATFORM_ROLE}`,
  // pg-boss names the table's one partition itself
  `grant ${ROWS} on pgboss.job, pgboss.job_common, pgboss.job_dependency to ${PLATFORM_ROLE}`,
  `grant select, insert, update on pgboss.queue, pgboss.schedule to ${PLATFORM_ROLE}`,
  `grant select, update on pgboss.version to ${PLATFORM_ROLE}`,
  `grant execute on function pgboss.job_now, pgboss.create_queue to ${PLATFORM_ROLE}`,
];

/** The rights on a database of one tenant itself. */
export function grantsOnDatabase(database: string): string[] {
  const name = pg.escapeIdentifier(database);
  return [
    `revoke all on database ${name} from public`,
    `grant connect on database ${name} to ${APP_ROLE}, ${PLATFORM_ROLE}`,
    toMover(`grant connect, temporary on database ${name} to ${MOVER_ROLE}`),
  ];
}

/** The rights on the schema `tenancy`, which stands once in a database. */
export function grantsOfDatabase(): string[] {
  return [
    'revoke all on all functions in schema tenancy from public',
    `grant usage on schema tenancy to ${APP_ROLE}, ${PLATFORM_ROLE}`,
    `grant execute on function tenancy.enter, tenancy.enter_read to ${APP_ROLE}`,
    `grant execute on function tenancy.outbox_backlog, tenancy.make_audit_partitions to ${PLATFORM_ROLE}`,
    `grant ${ROWS} on tenancy.fence to ${PLATFORM_ROLE}`,
    `grant select on tenancy.migrations to ${PLATFORM_ROLE}`,
    toMover(
      // what the application has, the mover has as its member
      `grant select, delete on tenancy.move_log to ${MOVER_ROLE}`,
      `grant execute on function tenancy.capture, tenancy.release, tenancy.fence_of, tenancy.turn_fence,
        tenancy.assert_copy, tenancy.remove_copied_audit, tenancy.analyze_copy to ${MOVER_ROLE}`,
    ),
  ];
}

export function grantsOfLocation(schema: string): string[] {
  const name = schemaName(schema);
  return [
    `grant usage on schema ${name} to ${APP_ROLE}`,
    `grant ${ROWS} on all tables in schema ${name} to ${APP_ROLE}`,
    `revoke update, delete on ${name}.audit_log from ${APP_ROLE}`,
    `revoke all on all functions in schema ${name} from public`,
    `grant execute on function ${name}.posts_found to ${APP_ROLE}`,
    withholdPartitions(schema),
  ];
}

/** Where nobody moves tenants there need not be such a role. */
const toMover = (...grants: string[]) =>
  `do $$ begin if exists (select from pg_roles where rolname = '${MOVER_ROLE}') then ${grants.join('; ')}; end if; end $$`;

const withholdPartitions = (schema: string) => `do $$ declare part regclass; begin
  for part in select c.oid from pg_class c where c.relispartition and c.relkind in ('r', 'p') and c.relnamespace = ${pg.escapeLiteral(schema)}::regnamespace loop
    execute format('revoke all on %s from ${APP_ROLE}, ${PLATFORM_ROLE}', part);
  end loop; end $$`;
