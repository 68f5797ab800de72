import type { AuditExceptions } from '../support/oracles-audit.js';
import type { Operation } from '../support/schema-values-operations.js';

/**
 * All that the matrix and the fuzzer have to be told about routes, because the OpenAPI document does not say it. Everything
 * else is made from the document: a new route needs a line here only where its test says so.
 */

export const BASE = '/api/v1';

/**
 * Who does it, where it should succeed. `expendable`: somebody whose sessions and rights nobody else needs; an address:
 * somebody who cannot sign in afterwards.
 */
export type Who = 'platform' | 'expendable' | `${string}@${string}`;

/** What stands in for a value of a body or a path. */
export type Value =
  /** As it is; undefined leaves out what an example shows. */
  | { readonly is: unknown }
  /** The id of a row, made by the POST of this collection. */
  | { readonly row: string }
  /** The same in a list. */
  | { readonly rows: string }
  /** The id of the first row of a list; `{tenant_id}` in it is the maker's. */
  | { readonly found: string }
  /** Another one each time. */
  | { readonly unique: (n: string) => string }
  /** Something of the tenant in which it is done, or of one that is neither home nor neighbour. */
  | { readonly of: 'tenant' | 'elsewhere'; readonly the: 'id' | 'code' | 'adminId' };

export interface Recipe {
  /** Properties of the body besides what it requires, or instead of what the document says. */
  readonly body?: Readonly<Record<string, Value>>;
  /** Parameters of the path that are no row of the collection before them. */
  readonly path?: Readonly<Record<string, Value>>;
  readonly who?: Who;
  /** Properties that do not come back as they were sent, with the reason. */
  readonly unlike?: Readonly<Record<string, string>>;
  /** Properties that null does not leave null, with the reason. */
  readonly cleared?: Readonly<Record<string, string>>;
  /** Properties of the body at which another tenant’s id is no bad input, but not found. */
  readonly sought?: readonly string[];
  /** A tenant’s user is refused with 403 whatever the path names besides himself. */
  readonly isOfHimself?: boolean;
  /** It only reads, and the audit log tells of it all the same, with the reason. */
  readonly told?: string;
  /** Columns of the matrix that do not apply, with the reason. */
  readonly without?: Readonly<Partial<Record<Column, string>>>;
}
export type Column = 'foreign row' | 'foreign id' | 'bad input' | 'success' | 'fuzz';

/** A permission that an administrator holds. */
const HELD: Value = { found: '/permissions?permission_code=menu_read' };
const OF_A_USER = { full_name: 'is shown as first and last name', role_codes: 'is no role' };
const GROUPS_OF_A_BOARD = { read_group_ids: 'is no group', write_group_ids: 'is no group' };

/** A move that `plantMove` has made: of the tenant elsewhere, and over. */
export const MOVE_ID = '0198a8a2-0000-7000-8000-00000000a0fe';
/** One that `plantExport` has made. */
const EXPORT: Recipe = { path: { export_id: { found: '/tenants/{tenant_id}/exports?status=ready' } } };
const MOVE: Recipe = { path: { tenant_id: { of: 'elsewhere', the: 'id' }, move_id: { is: MOVE_ID } } };

/** By method and path below `/api/v1`. */
export const RECIPES: Readonly<Record<string, Recipe>> = {
  'POST /auth/switch-tenant': {
    body: { tenant_code: { is: undefined }, tenant_id: { of: 'tenant', the: 'id' } },
    sought: ['tenant_id'],
  },
  'POST /auth/password/change': { who: 'manager@testcorp.com' },
  'GET /tenants/code/{code}': { path: { code: { of: 'tenant', the: 'code' } } },
  'PATCH /tenants/{tenant_id}': { who: 'platform' },
  'POST /tenants/{tenant_id}/domain/verify': { who: 'platform' },
  'POST /tenants': { body: { domain: { unique: (n) => `matrix-${n}.example.com` } } },
  'POST /users/{user_id}/tenants': {
    who: 'platform',
    body: { tenant_id: { of: 'elsewhere', the: 'id' }, role_code: { is: 'viewer' } },
  },
  'GET /users/{user_id}/tenants': { who: 'platform', isOfHimself: true },
  'DELETE /users/{user_id}/tenants/{tenant_id}': { who: 'platform' },
  'POST /tenants/{tenant_id}/move': {
    path: { tenant_id: { of: 'elsewhere', the: 'id' } },
    // to where it is not yet
    body: { isolation: { is: process.env['PLACEMENT'] === 'schema' ? 'shared' : 'schema' } },
  },
  'GET /tenants/{tenant_id}/moves/{move_id}': MOVE,
  'POST /tenants/{tenant_id}/moves/{move_id}/abort': MOVE,
  'POST /tenants/{tenant_id}/moves/{move_id}/resume': MOVE,
  'POST /tenants/{tenant_id}/moves/{move_id}/rollback': {
    ...MOVE,
    without: { success: 'only one that is done can be rolled back: moves.e2e-spec.ts' },
  },
  'GET /tenants/{tenant_id}/exports/{export_id}': EXPORT,
  'GET /tenants/{tenant_id}/exports/{export_id}/download': {
    ...EXPORT,
    told: 'all that there is of a tenant leaves it',
  },
  'POST /user-groups/{group_id}/members': {
    body: { user_id: { row: '/users' } },
    unlike: { user_ids: 'are links of their own' },
  },
  'POST /boards': { cleared: GROUPS_OF_A_BOARD },
  'PATCH /boards/{board_id}': { cleared: GROUPS_OF_A_BOARD },
  'POST /roles/{role_id}/permissions': { body: { permission_id: HELD } },
  'POST /users/{user_id}/permissions/grants': { body: { permission_id: HELD } },
  // of somebody who has one
  'POST /users/{user_id}/reset-password': { path: { user_id: { found: '/users?username=viewer' } } },
  // of a manager, and others than he has
  'PUT /users/{user_id}/modules': {
    path: { user_id: { found: '/users?username=manager' } },
    body: { modules: { is: ['hr'] } },
  },
  'PATCH /permissions/{permission_id}': { body: { permission_name: { unique: (n) => `Matrix ${n}` } } },
  'POST /permissions': { body: { permission_code: { unique: (n) => `custom_matrix_${n}` } } },
  'POST /users': { unlike: { password: 'is kept as a hash' }, cleared: OF_A_USER },
  'PATCH /users/{user_id}': { cleared: OF_A_USER },
};

/** Where a row of that name is made when its own collection, or a body, does not tell. */
export const REFERENCES: Readonly<Record<string, string>> = {
  user_id: '/users',
  reports_to_id: '/users',
  role_id: '/roles',
  permission_id: '/permissions',
  group_id: '/user-groups',
  menu_id: '/menus',
  board_id: '/boards',
  category_id: '/boards/{board_id}/categories',
  post_id: '/boards/{board_id}/posts',
  comment_id: '/posts/{post_id}/comments',
};

/** What belongs to no tenant: there is no other tenant’s row of it. */
export const OF_NOBODY: ReadonlySet<string> = new Set(['permission_id', 'plan_id']);

/** What must be another each time where a row is made (201). */
export const UNIQUE: readonly (readonly [name: RegExp, value: (n: string) => string])[] = [
  [/^(tenant|role|group|menu|board|category)_code$/, (n) => `matrix-${n}`],
  [/^(username|subdomain)$/, (n) => `matrix-${n}`],
  [/^domain$/, (n) => `matrix-${n}.example.com`],
  [/^(admin_)?email$/, (n) => `matrix-${n}@example.com`],
];

/** Texts that have to name something, or be made in some way that no schema tells. */
export const BOUND: ReadonlySet<string> = new Set(['role_code', 'license_tier', 'server', 'domain', 'subdomain']);

/** What costs much and is left out of rows that only have to be there. */
export const COSTLY: ReadonlySet<string> = new Set(['password']);

/** What must have happened to a row before, by the end of the path: a method, and what stands there instead. */
export const BEFORE: Readonly<Record<string, readonly [method: string, ending: string]>> = {
  '/restore': ['DELETE', ''],
  '/activate': ['POST', '/suspend'],
};

/** Tables that a refused request may write to. */
export const KEPT_OF_A_REFUSAL: Readonly<Record<string, string>> = {
  'core.login_failures': 'counts failed sign-ins',
};

export const EXCEPTIONS: AuditExceptions = {
  tables: {
    'core.sessions': 'what is audited is the sign-in',
    'core.location_steps': 'how far a location is made',
    'tenancy.migrations': 'the ledger of a location that is made',
    'tenancy.rights': 'the ledger of a location that is made',
    'core.idempotency_keys': 'the answer to a request, kept for its repetition',
    'shared.idempotency_keys': 'the answer to a request, kept for its repetition',
    'core.outbox': 'events of a change that is audited itself',
    'shared.outbox': 'events of a change that is audited itself',
    'core.access_version': 'raised by triggers for caches',
    'core.login_failures': 'what is audited is the refused sign-in',
    'shared.counters': 'numbers for people, drawn by a row that is audited',
    'tenancy.move_log': 'keys of rows that change while their tenant moves',
    'tenancy.fence': 'says where a tenant is written; its master is the organization',
  },
  columns: {
    'core.user_tenant_associations.version': 'raised with the roles that are shown of a member, and audited themselves',
    'core.locations.status': 'how far it is made; that it is there, and what tenant comes to it, is told',
    'core.locations.migration': 'how far it is made',
    'core.locations.last_error': 'how far it is made',
    'core.moves.status': 'how far a move is; that it was asked for, and that the tenant has moved, is told',
    'core.moves.rows_total': 'how far a move is',
    'core.moves.rows_copied': 'how far a move is',
    'core.moves.rows_caught_up': 'how far a move is',
    'core.moves.pause_ms': 'how far a move is',
    'core.moves.fence_tries': 'how far a move is',
    'core.moves.error': 'how far a move is',
    'core.moves.abort_requested_at': 'how far a move is',
    'core.moves.switched_at': 'how far a move is',
    'core.moves.finished_at': 'how far a move is',
    'core.moves.cleaned_at': 'how far a move is',
    view_count: 'a counter of use',
    comment_count: 'follows from rows that are audited',
    last_login_at: 'a time stamp of use',
    last_used_at: 'a time stamp of use',
  },
  actions: {
    abort: 'asks the mover',
    download: 'takes an archive away',
    resume: 'asks the mover',
    login: 'opens a session',
    refresh: 'renews a session',
    logout: 'ends a session',
    logout_all: 'ends all sessions of a person',
    switch_tenant: 'opens a session in another tenant',
  },
  stamps: ['updated_at', 'updated_by'],
};

export const keyOf = ({ method, path }: Pick<Operation, 'method' | 'path'>): string =>
  `${method} ${path.replace(BASE, '')}`;

export const recipeOf = (operation: Pick<Operation, 'method' | 'path'>): Recipe => RECIPES[keyOf(operation)] ?? {};
