import { ZERO_ID } from '../src/common/ids.js';
import { domainOf, ORGANIZATIONS } from './data/organizations.js';
import {
  DEMO_ROLES,
  type DemoRole,
  EXECUTIVE_GRANTS,
  MANAGER_MODULES,
  PEOPLE,
  SUPER_ADMIN_USER,
} from './data/people.js';
import { organizationId } from './demo-organizations.js';
import { insertMissing, type Row, type Run } from './rows.js';
import { madeOrThere, type Step } from './seeder.js';
import { stableId } from './stable-id.js';

/** A demo user; `organization` null is the platform's. */
interface DemoUser {
  readonly id: string;
  readonly organization: string | null;
  readonly email: string;
  readonly username: string;
  readonly fullName: string;
  readonly role: DemoRole | 'super_admin';
}

export const userId = (organization: string, role: DemoRole): string => stableId('user', organization, role);

const PLATFORM_USER: DemoUser = {
  id: stableId('user', SUPER_ADMIN_USER.username),
  organization: null,
  role: 'super_admin',
  ...SUPER_ADMIN_USER,
};
const USERS: readonly DemoUser[] = [
  PLATFORM_USER,
  ...ORGANIZATIONS.flatMap(({ code }) =>
    DEMO_ROLES.map((role) => ({
      id: userId(code, role),
      organization: code,
      email: `${role}@${domainOf(code)}`,
      username: role,
      fullName: PEOPLE[code]?.[role] ?? role,
      role,
    })),
  ),
];

/** The users with their memberships, roles, modules and grants. Rights are given with the user, and never again. */
export async function demoUsers(run: Run, passwordHash: () => Promise<string>): Promise<Step[]> {
  const homes = await livingOrganizations(run);
  const wanted = USERS.filter(({ organization }) => organization === null || homes.has(organizationId(organization)));
  const known = await knownOf(run, wanted);
  const missing = wanted.filter(({ id }) => !known.has(id));
  if (missing.length > 0) await make(run, missing, await passwordHash());
  return wanted.map((user) => stepOf(user, known));
}

function stepOf(user: DemoUser, known: ReadonlyMap<string, 'living' | 'deleted'>): Step {
  const what = `user: ${user.email}`;
  if (known.get(user.id) === 'deleted') return { done: 'skipped', what, holds: 'was deleted' };
  return madeOrThere(!known.has(user.id), what, holdsOf(user));
}

async function livingOrganizations(run: Run): Promise<Set<string>> {
  const rows = await run<{ id: string }>({
    text: `select id from core.organizations where deleted_at is null`,
    values: [],
  });
  return new Set(rows.map(({ id }) => id));
}

/** Those with a row, or whose address or name somebody else in their organization has: they are not made again. */
async function knownOf(run: Run, users: readonly DemoUser[]): Promise<Map<string, 'living' | 'deleted'>> {
  const keys = users.map(({ id, organization, email, username }) => ({
    id,
    organization_id: idOf(organization),
    email,
    username,
  }));
  const rows = await run<{ id: string; living: boolean }>({
    text: `select w.id, bool_or(u.deleted_at is null) as living from jsonb_to_recordset($1::jsonb) w (id uuid, organization_id uuid, email text, username text)
      join core.users u on u.id = w.id or (u.deleted_at is null and u.organization_id is not distinct from w.organization_id
        and (u.email_lower = w.email or u.username_lower = w.username)) group by w.id`,
    values: [JSON.stringify(keys)],
  });
  return new Map(rows.map(({ id, living }) => [id, living ? 'living' : 'deleted']));
}

const idOf = (organization: string | null): string | null =>
  organization === null ? null : organizationId(organization);

async function make(run: Run, users: readonly DemoUser[], hash: string): Promise<void> {
  const made = await insertMissing(
    run,
    'core.users',
    users.map((user) => userRow(user, hash)),
  );
  const members = users.filter(({ id, organization }) => made.has(id) && organization !== null);
  await insertMissing(run, 'core.user_tenant_associations', await associationRows(run, members));
  const roles = await idsOf(
    run,
    `select id, role_code as code from core.roles where organization_id is null and deleted_at is null`,
  );
  await insertMissing(
    run,
    'core.user_roles',
    users.filter(({ id }) => made.has(id)).map((user) => userRoleRow(user, roles)),
  );
  const managers = members.filter(({ role }) => role === 'manager');
  await insertMissing(run, 'core.user_modules', managers.flatMap(moduleRows));
  const permissions = await idsOf(run, `select id, permission_code as code from core.permissions`);
  const executives = members.filter(({ role }) => role === 'executive');
  await insertMissing(
    run,
    'core.user_permissions',
    executives.flatMap((user) => grantRows(user, permissions)),
  );
}

async function idsOf(run: Run, text: string): Promise<Map<string, string>> {
  const rows = await run<{ id: string; code: string }>({ text, values: [] });
  return new Map(rows.map(({ id, code }) => [code, id]));
}

const userRow = (user: DemoUser, hash: string): Row => ({
  id: user.id,
  organization_id: idOf(user.organization),
  username: user.username,
  email: user.email,
  hashed_password: hash,
  full_name: user.fullName,
  first_name: user.fullName.split(' ')[0] ?? user.fullName,
  last_name: user.fullName.split(' ').slice(1).join(' '),
  status: 'active',
  is_email_verified: true,
});

/** An executive reports to his manager, where there is one. */
async function associationRows(run: Run, members: readonly DemoUser[]): Promise<Row[]> {
  const superiors = await run<{ id: string }>({
    text: `select user_id as id from core.user_tenant_associations where user_id = any ($1)`,
    values: [members.map(({ organization }) => userId(organization ?? '', 'manager'))],
  });
  const there = new Set([...superiors.map(({ id }) => id), ...members.map(({ id }) => id)]);
  return members.map(({ id, organization, role }) => {
    const manager = userId(organization ?? '', 'manager');
    return {
      organization_id: idOf(organization),
      user_id: id,
      status: 'active',
      reports_to_id: role === 'executive' && there.has(manager) ? manager : null,
    };
  });
}

const userRoleRow = ({ id, organization, role }: DemoUser, roles: ReadonlyMap<string, string>): Row => ({
  id: stableId('user_role', id, role),
  organization_id: idOf(organization),
  user_id: id,
  role_scope_id: ZERO_ID,
  role_id: roles.get(role),
});

const moduleRows = ({ id, organization }: DemoUser): Row[] =>
  MANAGER_MODULES.map((module) => ({
    id: stableId('user_module', id, module),
    organization_id: idOf(organization),
    user_id: id,
    module,
  }));

const grantRows = ({ id, organization }: DemoUser, permissions: ReadonlyMap<string, string>): Row[] =>
  EXECUTIVE_GRANTS.map((code) => ({
    id: stableId('user_permission', id, code),
    organization_id: idOf(organization),
    user_id: id,
    permission_id: permissions.get(code),
    granted_by: userId(organization ?? '', 'manager'),
  }));

function holdsOf({ role, organization, fullName }: DemoUser): string {
  const more =
    role === 'manager'
      ? [`modules ${MANAGER_MODULES.join(', ')}`]
      : role === 'executive'
        ? ['reports to manager', EXECUTIVE_GRANTS.join(', ')]
        : [];
  return [role, organization ?? 'the platform', fullName, ...more].join(' · ');
}
