import type { RecordScope } from './permission-set.js';
import { generatedPermissions, PLATFORM_ONLY } from './permission.js';
import type { PermissionRow } from './permission-rows.js';

/** A global role, read-only for tenants; what the seeder stores. */
export interface BuiltInRole {
  readonly code: string;
  readonly name: string;
  /** authority, 0 to 100 */
  readonly priority: number;
  readonly recordScope: RecordScope;
  /** whom it is meant for; informative */
  readonly type: 'admin' | 'user' | 'both';
  readonly permissions: readonly string[];
}

/** Held by platform users alone: everything, in any tenant. */
export const SUPER_ADMIN = 'super_admin';
/** The role that a tenant must always have a living holder of. */
export const ADMIN = 'admin';
/** Has `.*` of the modules assigned to him, which is per person and so no permission of the role. */
export const MANAGER = 'manager';
/** Has a superior, within whose modules he is granted what he may do. */
export const EXECUTIVE = 'executive';

const BASE = ['menu_read', 'board_read', 'post_create', 'document_create', 'document_read'];

const codesWhere = (test: (row: PermissionRow) => boolean): string[] =>
  generatedPermissions()
    .filter(test)
    .map(({ code }) => code);

/** Resources and modules whose contents a viewer does not see. */
const HIDDEN_FROM_VIEWERS = new Set(['audit', 'api_key', 'subscription', 'audit_export', 'api_keys']);
const READS = codesWhere(({ resource, action }) => action === 'read' && !HIDDEN_FROM_VIEWERS.has(resource));

const EDITED = new Set(['menu', 'board', 'category', 'post', 'document']);
const EDITS = codesWhere(
  ({ resource, action }) => EDITED.has(resource) && (action === 'create' || action === 'update'),
);

/** The table of access.md, "Roles", highest first. */
export const BUILT_IN_ROLES: readonly BuiltInRole[] = [
  {
    code: SUPER_ADMIN,
    name: 'Super administrator',
    priority: 100,
    recordScope: 'all',
    type: 'admin',
    permissions: codesWhere(() => true),
  },
  {
    code: ADMIN,
    name: 'Administrator',
    priority: 50,
    recordScope: 'all',
    type: 'admin',
    permissions: codesWhere(({ code }) => !PLATFORM_ONLY.has(code)),
  },
  {
    code: MANAGER,
    name: 'Manager',
    priority: 30,
    recordScope: 'team',
    type: 'user',
    permissions: [...BASE, 'user_read', 'user_create', 'user_update'],
  },
  {
    code: 'editor',
    name: 'Editor',
    priority: 20,
    recordScope: 'all',
    type: 'user',
    permissions: [...READS, ...EDITS],
  },
  { code: EXECUTIVE, name: 'Executive', priority: 15, recordScope: 'own', type: 'user', permissions: BASE },
  { code: 'user', name: 'User', priority: 12, recordScope: 'own', type: 'user', permissions: BASE },
  { code: 'viewer', name: 'Viewer', priority: 10, recordScope: 'all', type: 'user', permissions: READS },
];
