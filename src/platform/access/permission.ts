import { MODULES } from './modules.js';
import { permissionsOfRegistry, type ModuleAction, type Permission, type PermissionRow } from './permission-rows.js';
import { moduleOfResource, type Action } from './resources.js';

/** Held by platform users alone: no role or grant gives them to a member of a tenant. */
export const PLATFORM_ONLY: ReadonlySet<string> = new Set([
  'tenant_create',
  'tenant_delete',
  'permission_create',
  'permission_update',
  'permission_delete',
  'permission_manage',
]);

/** Characters that `permission_code` holds. */
const MAX_LENGTH = 100;
const CUSTOM = /^custom_([a-z0-9]+(?:_[a-z0-9]+)*)$/;
const LICENSED = new Set(MODULES.filter(({ kind }) => kind === 'licensed').map(({ key }) => key));

const rows: PermissionRow[] = [];
const byCode = new Map<string, Permission>();
/** Code by `resource:action`, as a handler names them. */
const byAccess = new Map<string, string>();
for (const { row, permission } of permissionsOfRegistry()) {
  if (byCode.has(row.code)) throw new Error(`permission ${row.code} would mean two things: rename a (sub)module`);
  rows.push(row);
  byCode.set(row.code, permission);
  // `*` and `admin` come after `manage`, whose action they share in the table
  const access = `${row.resource}:${row.action}`;
  if (!byAccess.has(access)) byAccess.set(access, row.code);
}

/** Every permission that the registry gives rise to, in a stable order. */
export const generatedPermissions = (): readonly PermissionRow[] => rows;

/**
 * What a code means, or undefined when it is none. Generated codes are looked up, never taken apart: `crm_leads_read`
 * could be split in three ways, and `custom_roles_admin` belongs to a module.
 */
export function parsePermission(code: string): Permission | undefined {
  const known = byCode.get(code);
  if (known) return known;
  const name = code.length <= MAX_LENGTH ? CUSTOM.exec(code)?.[1] : undefined;
  return name === undefined ? undefined : { form: 'custom', name };
}

/** Whether people may make this permission by hand; all other codes come from the registry. */
export const isCustomPermission = (code: string): boolean => parsePermission(code)?.form === 'custom';

/** The code that an action on `user`, `crm` or `crm.leads` needs; undefined when the registry has no such resource. */
export const codeOf = (resource: string, action: Action): string | undefined => byAccess.get(`${resource}:${action}`);

/** Everything that holding a code means, itself first; nothing for a code that is none. */
export function impliedBy(code: string): readonly string[] {
  const holder = parsePermission(code);
  if (holder === undefined) return [];
  const implied = [code];
  for (const [other, permission] of byCode)
    if (other !== code && includes(holder, permission) && !withheld(holder, other)) implied.push(other);
  return implied;
}

/** The codes by any of which an access that needs `code` is met, itself first. */
export function metBy(code: string): readonly string[] {
  const needed = byCode.get(code);
  const codes = [code];
  if (needed === undefined) return codes;
  for (const [other, holder] of byCode)
    if (other !== code && includes(holder, needed) && !withheld(holder, code)) codes.push(other);
  return codes;
}

/** `tenant_manage` manages one tenant: making and deleting tenants is the platform's. */
const withheld = (holder: Permission, code: string): boolean =>
  holder.form === 'resource' && holder.resource === 'tenant' && PLATFORM_ONLY.has(code);

/** The table of access.md, "Permission grammar". */
function includes(holder: Permission, other: Permission): boolean {
  switch (holder.form) {
    case 'custom':
      return false;
    case 'resource':
      return holder.action === 'manage' && other.form === 'resource' && other.resource === holder.resource;
    case 'submodule':
      return (
        holder.action === 'manage' &&
        other.form === 'submodule' &&
        other.module === holder.module &&
        other.submodule === holder.submodule
      );
    case 'module':
      return belongsTo(other, holder.module) && reaches(holder.action, other);
  }
}

/**
 * What a module's permission is about: the module, its submodules and, for a licensed one, the platform resources that
 * live in it (a board is a thing of `boards`). What stands behind administration or a feature needs its own code:
 * `admin.read` must not open the audit log to a viewer.
 */
function belongsTo(permission: Permission, module: string): boolean {
  switch (permission.form) {
    case 'module':
    case 'submodule':
      return permission.module === module;
    case 'resource':
      return LICENSED.has(module) && moduleOfResource(permission.resource, permission.action) === module;
    case 'custom':
      return false;
  }
}

/** `admin` is above `*`, that above `manage`, and that above each single action. */
function reaches(held: ModuleAction, other: Permission): boolean {
  const action = other.form === 'custom' ? undefined : other.action;
  switch (held) {
    case 'admin':
      return true;
    case '*':
      return action !== 'admin';
    case 'manage':
      return action !== 'admin' && action !== '*';
    case 'create':
    case 'read':
    case 'update':
    case 'delete':
      return action === held;
  }
}
