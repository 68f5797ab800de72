import { ZERO_ID } from '../src/common/ids.js';
import { BUILT_IN_ROLES, type BuiltInRole, generatedPermissions } from '../src/platform/access/index.js';
import { audit, entryOf, insertMissing, onCore, type Row, type Run } from './rows.js';
import { madeOrThere, type Seeder, type Seeding, type Step } from './seeder.js';
import { stableId } from './stable-id.js';

/**
 * Permissions and built-in roles are what the code says of them: besides making what is missing, a run takes back what
 * differs. A role's description, its demand for a second factor and its `custom_…` permissions are the platform's own.
 */
export const roles: Seeder = {
  name: 'roles',
  about: 'permissions generated from the registry, the built-in roles and their permissions',
  dependsOn: ['entitlements'],
  demo: false,
  run: ({ platform }: Seeding) =>
    onCore(platform, async (run) => {
      const permissions = await permissionStep(run);
      const made = await insertMissing(run, 'core.roles', BUILT_IN_ROLES.map(roleRow));
      const corrected = await correctRoles(run);
      const links = await linkPermissions(run);
      return [permissions, ...BUILT_IN_ROLES.map((role) => roleStep(role, made, corrected, links))];
    }),
};

const permissionRows = () =>
  generatedPermissions().map(({ code, name, resource, action, module, submodule }) => ({
    id: stableId('permission', code),
    permission_code: code,
    permission_name: name,
    resource,
    action,
    module,
    submodule,
  }));

const DESCRIBED = ['permission_name', 'resource', 'action', 'module', 'submodule'];

async function permissionStep(run: Run): Promise<Step> {
  const rows = permissionRows();
  const made = await insertMissing(run, 'core.permissions', rows);
  const corrected = await correct(
    run,
    'core.permissions',
    rows,
    'had.permission_code = wanted.permission_code',
    DESCRIBED,
  );
  const total = `${String(rows.length)} permissions`;
  if (made.size === 0 && corrected.size === 0) return madeOrThere(false, total);
  return {
    done: 'created',
    what: `${String(made.size)} of ${total}`,
    holds: `${String(corrected.size)} described anew`,
  };
}

const roleId = ({ code }: BuiltInRole): string => stableId('role', code);
const roleRow = (role: BuiltInRole) => ({
  id: roleId(role),
  role_code: role.code,
  role_name: role.name,
  priority: role.priority,
  role_type: role.type,
  record_scope: role.recordScope,
});

const correctRoles = (run: Run): Promise<Set<string>> =>
  correct(
    run,
    'core.roles',
    BUILT_IN_ROLES.map(roleRow),
    'had.role_code = wanted.role_code and had.organization_id is null and had.deleted_at is null',
    ['role_name', 'priority', 'role_type', 'record_scope'],
  );

/** Brings rows that differ back to what the code says and gives their ids. */
async function correct(
  run: Run,
  table: string,
  rows: readonly Row[],
  match: string,
  columns: readonly string[],
): Promise<Set<string>> {
  const all = (of: string) => columns.map((column) => `${of}.${column}`).join(', ');
  const changed = await run<{ before: Row; after: Row }>({
    text: `update ${table} t set ${columns.map((column) => `${column} = wanted.${column}`).join(', ')}, version = had.version + 1, updated_at = now()
      from ${table} had, jsonb_populate_recordset(null::${table}, $1::jsonb) wanted
      where t.id = had.id and ${match} and (${all('had')}) is distinct from (${all('wanted')})
      returning to_jsonb(had) as before, to_jsonb(t) as after`,
    values: [JSON.stringify(rows)],
  });
  await audit(
    run,
    table,
    changed.map((change) => entryOf(table, 'update', change)),
  );
  return new Set(changed.map(({ after }) => String(after['id'])));
}

/** How many permissions each built-in role, by its code, got and lost. */
type Links = ReadonlyMap<string, { readonly got: number; readonly lost: number }>;

async function linkPermissions(run: Run): Promise<Links> {
  const idOfRole = await idsBy(
    run,
    `select id, role_code as code from core.roles where organization_id is null and deleted_at is null`,
  );
  const idOfPermission = await idsBy(run, `select id, permission_code as code from core.permissions`);
  const wanted = BUILT_IN_ROLES.flatMap((role) =>
    role.permissions.flatMap((code) => {
      const [role_id, permission_id] = [idOfRole.get(role.code), idOfPermission.get(code)];
      if (role_id === undefined || permission_id === undefined) return [];
      return [{ id: stableId('role_permission', role.code, code), role_scope_id: ZERO_ID, role_id, permission_id }];
    }),
  );
  const made = await insertMissing(run, 'core.role_permissions', wanted);
  const lost = await run<Row>({
    text: `delete from core.role_permissions rp using core.roles r, core.permissions p
      where r.id = rp.role_id and r.organization_id is null and r.role_code = any ($2) and p.id = rp.permission_id and p.permission_code not like 'custom\\_%'
        and not exists (select from jsonb_populate_recordset(null::core.role_permissions, $1::jsonb) w where (w.role_id, w.permission_id) = (rp.role_id, rp.permission_id))
      returning rp.id, rp.role_id, rp.permission_id`,
    values: [JSON.stringify(wanted), BUILT_IN_ROLES.map(({ code }) => code)],
  });
  await audit(
    run,
    'core.role_permissions',
    lost.map((before) => entryOf('core.role_permissions', 'delete', { before })),
  );
  return new Map(
    BUILT_IN_ROLES.map(({ code }) => {
      const id = idOfRole.get(code);
      const got = wanted.filter((link) => link.role_id === id && made.has(link.id)).length;
      return [code, { got, lost: lost.filter((link) => link['role_id'] === id).length }];
    }),
  );
}

async function idsBy(run: Run, text: string): Promise<Map<string, string>> {
  const rows = await run<{ id: string; code: string }>({ text, values: [] });
  return new Map(rows.map(({ id, code }) => [code, id]));
}

function roleStep(role: BuiltInRole, made: Set<string>, corrected: Set<string>, links: Links): Step {
  const { got = 0, lost = 0 } = links.get(role.code) ?? {};
  const holds = `priority ${String(role.priority)} · records ${role.recordScope} · ${String(role.permissions.length)} permissions`;
  const what = `role: ${role.name}`;
  if (made.has(roleId(role))) return madeOrThere(true, what, holds);
  if (got === 0 && lost === 0 && !corrected.has(roleId(role))) return madeOrThere(false, what, holds);
  return { done: 'renewed', what, holds: `${holds} · ${String(got)} added, ${String(lost)} taken back` };
}
