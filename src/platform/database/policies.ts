import type { PolicyDef } from '@mikro-orm/core';

/** The database roles that policies name. A login is one of them or a member of it. */
export const OWNER_ROLE = 'tenantry_owner';
export const APP_ROLE = 'tenantry_app';
export const PLATFORM_ROLE = 'tenantry_platform';
/** A member of the application's role, so that its policies bind it: no policy names it, and a database can do without it. */
export const MOVER_ROLE = 'tenantry_mover';

/** Where the queue's tables are (pg-boss): no policies there, so no right of the application either. */
export const QUEUE_SCHEMA = 'pgboss';

// PostgreSQL stores the alias of the sub-select: without it a schema never compares clean
const uuidSetting = (name: string) => `(select nullif(current_setting('${name}', true), '')::uuid as "nullif")`;

/** The organization of the running tenant unit or null: unset and '' both mean nobody. Evaluated once a statement. */
export const CURRENT_ORGANIZATION = uuidSetting('app.organization_id');
/** The organization of the running core unit: a setting of its own, so that it never opens rows a move left in `shared`. */
export const CORE_ORGANIZATION = uuidSetting('app.core_organization_id');
export const CURRENT_USER = uuidSetting('app.user_id');

type Command = 'select' | 'insert' | 'update' | 'delete';
const own = (setting: string, command?: Command, further = ''): PolicyDef => ({
  name: command === undefined ? 'own_rows' : `own_rows_${command}`,
  roles: [APP_ROLE],
  ...(command === undefined ? {} : { command }),
  ...(command === 'insert' ? {} : { using: `organization_id = ${setting}` }),
  ...(command === 'select' || command === 'delete' ? {} : { check: `organization_id = ${setting}${further}` }),
});

/** Rows without an organization (built-in roles) are read by every tenant and written by none. */
export const builtInRows: PolicyDef = {
  name: 'built_in_rows',
  command: 'select',
  roles: [APP_ROLE],
  using: 'organization_id is null',
};
/** The platform login crosses tenants in core; no tenant table carries this. */
export const platformRows: PolicyDef = { name: 'platform_rows', roles: [PLATFORM_ROLE], using: 'true', check: 'true' };
/** What `security definer` functions read: they run as the owner, whom forced policies bind too. */
export const definerReads: PolicyDef = {
  name: 'definer_reads',
  command: 'select',
  roles: [OWNER_ROLE],
  using: 'true',
};

const forced = (...policies: PolicyDef[]) => ({ rowLevelSecurity: 'force' as const, policies });

/** Of a table of the tenant plane. */
export const tenantWall = forced(own(CURRENT_ORGANIZATION));
/** Of a table of the tenant plane that a `security definer` function searches, past policies that would close its index. */
export const searchedWall = forced(own(CURRENT_ORGANIZATION), definerReads);
/** Of a table of core whose rows belong to exactly one organization. */
export const coreWall = forced(own(CORE_ORGANIZATION), platformRows);
/** Of a table of core that also holds built-in rows, which every tenant reads. */
export const builtInWall = forced(own(CORE_ORGANIZATION), builtInRows, platformRows, definerReads);
/** Of a table of core that only the platform login touches. */
export const platformWall = forced(platformRows);
/** The same, where a function of the owner's looks before it removes anything: of `tombstones`. */
export const tombstonesWall = forced(platformRows, definerReads);
/** Of `locations`: the owner migrates every one of them and notes how far it came. */
export const locationsWall = forced(platformRows, {
  name: 'migrator_rows',
  roles: [OWNER_ROLE],
  using: 'true',
  check: 'true',
});
/**
 * Of `organizations`: a tenant sees and changes its own row, and never makes or removes one. The version triggers read who
 * is at a location.
 */
export const organizationWall = forced(
  { name: 'own_row', command: 'select', roles: [APP_ROLE], using: `id = ${CORE_ORGANIZATION}` },
  {
    name: 'own_row_update',
    command: 'update',
    roles: [APP_ROLE],
    using: `id = ${CORE_ORGANIZATION}`,
    check: `id = ${CORE_ORGANIZATION}`,
  },
  platformRows,
  definerReads,
);
// compared inside: what is outside counts as true of one row in two hundred, and plans then read a tenant's every user
const SEES_ALL = `(select current_setting('app.sees_users', true) = 'all' as "sees_all")`;
/** Of `users`: oneself, and with `app.sees_users = 'all'` the members of the tenant; writing stays inside the organization. */
export const usersWall = forced(
  {
    name: 'visible_users',
    command: 'select',
    roles: [APP_ROLE],
    using: `id = ${CURRENT_USER} or (${SEES_ALL} and (organization_id = ${CORE_ORGANIZATION} or core.is_guest(id)))`,
  },
  {
    name: 'written_users',
    roles: [APP_ROLE],
    using: `organization_id = ${CORE_ORGANIZATION} and (${SEES_ALL} or id = ${CURRENT_USER})`,
    check: `organization_id = ${CORE_ORGANIZATION} and (${SEES_ALL} or id = ${CURRENT_USER})`,
  },
  platformRows,
  definerReads,
);
/**
 * Of `user_tenant_associations`: a tenant's own rows, but that it makes nobody its guest: who has such a row is seen. Also
 * what `core.is_guest` and the version triggers read.
 */
export const associationsWall = forced(
  own(CORE_ORGANIZATION, 'select'),
  own(CORE_ORGANIZATION, 'insert', ' and not is_guest'),
  own(CORE_ORGANIZATION, 'update'),
  own(CORE_ORGANIZATION, 'delete'),
  platformRows,
  definerReads,
);
/** Of `sessions`: besides the platform's, what ends those of somebody who is deleted. */
export const sessionsWall = forced(platformRows, {
  name: 'definer_rows',
  roles: [OWNER_ROLE],
  using: 'true',
  check: 'true',
});
