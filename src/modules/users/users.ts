import { ZERO_ID } from '../../common/ids.js';
import { ADMIN } from '../../platform/access/index.js';
import { defineResource, literal, narrowed, RestorableRow } from '../../platform/resources/index.js';
import { CreateUser, UpdateUser, UserRow } from './user.dto.js';
import { User } from './user.entity.js';

/** What a member holds: `ur` and its living role `ro`. @param row stands before the columns of the member */
const held = (row: string): string =>
  `core.user_roles ur join core.roles ro on ro.scope_id = ur.role_scope_id and ro.id = ur.role_id
    where ur.organization_id = ${row}"organization_id" and ur.user_id = ${row}"id" and ro.deleted_at is null`;
const WIDTH = `max(case ro.record_scope when 'all' then 2 when 'team' then 1 else 0 end)`;

const CODES = (row: string) =>
  `coalesce((select jsonb_agg(ro.role_code order by ro.priority desc, ro.role_code) from ${held(row)}), '[]'::jsonb)`;
const SCOPE = (row: string) =>
  `(select case ${WIDTH} when 2 then 'all' when 1 then 'team' else 'own' end from ${held(row)})`;
const BUILT_IN = `${literal(ZERO_ID)}::uuid`;
const HOLDS_ADMIN = (row: string) =>
  `exists (select from ${held(row)} and ro.scope_id = ${BUILT_IN} and ro.role_code_lower = ${literal(ADMIN)})`;

/** The members of a tenant, at home and guests. A view has them; what is written are the rows behind it. */
export const Users = narrowed(
  defineResource({
    access: 'user',
    path: 'users',
    idParameter: 'user_id',
    entity: User,
    view: 'members',
    scope: 'id',
    create: CreateUser,
    update: UpdateUser,
    beside: ['password', 'role_codes', 'reports_to_id'],
    row: UserRow,
    computed: {
      reports_to_id: { type: 'uuid', nullable: true },
      joined_at: { type: 'timestamptz(3)' },
      is_guest: { type: 'boolean' },
      role_codes: { type: 'jsonb', sql: CODES },
      record_scope: { type: 'varchar(10)', sql: SCOPE },
      is_superuser: { type: 'boolean', sql: () => 'false' },
      is_company_admin: { type: 'boolean', sql: HOLDS_ADMIN },
    },
    filters: [
      ...['username', 'email', 'full_name', 'first_name', 'last_name', 'phone', 'status', 'is_email_verified'],
      ...['last_login_at', 'locked_until', 'joined_at', 'reports_to_id', 'is_guest', 'is_company_admin'],
    ],
    furtherFilters: {
      role_code: {
        type: 'varchar(50)',
        description: 'Who holds any of these roles',
        sql: (values, row) =>
          `exists (select from ${held(row)} and ro.role_code_lower in (select lower(v) from unnest(${values}) v))`,
      },
    },
    search: ['username', 'email', 'full_name', 'first_name', 'last_name'],
    sort: ['username', 'email', 'full_name', 'first_name', 'last_name', 'status', 'last_login_at', 'joined_at'],
  }),
  // the table has platform users too, whom no tenant sees
  { holding: 'own', ofPeople: true },
);

/** For an answer to who has just written the member: a cached record scope does not know of a new one yet. */
export const AnsweredUsers = narrowed(Users, { scope: undefined });

class StoredUser extends RestorableRow {}
/** The rows of those who are at home, as they are stored: for writes of one statement. */
export const StoredUsers = narrowed(
  defineResource({ access: 'user', path: 'users', idParameter: 'user_id', entity: User, scope: 'id', row: StoredUser }),
  { holding: 'own', ofPeople: true },
);
