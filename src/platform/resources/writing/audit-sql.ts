import { newId } from '../../../common/ids.js';
import { auditContext, masked, MASK } from '../../tenancy/index.js';
import type { Column, Table } from '../definition/columns.js';
import type { Holding } from '../definition/resource.js';
import { literal, type Sql } from '../sql.js';
import { ledgerSchema } from '../units.js';

export type AuditAction = 'create' | 'update' | 'delete' | 'restore';

/** What an entry needs to know of a row's resource. */
export interface Audited {
  readonly table: Pick<Table, 'name' | 'schema'>;
  readonly holding: Holding;
}

const PROBE = 'not a secret';
/** What an entry says by itself, and what each write changes. */
const BOOKKEEPING = [
  'organization_id',
  'id',
  'version',
  'created_at',
  'updated_at',
  'created_by',
  'updated_by',
  'deleted_at',
];
/** Pairs of one jsonb_build_object: PostgreSQL calls functions with at most 100 arguments. */
const PAIRS = 45;

/**
 * The audit entry of each row of `from`, as a part of the statement that writes the row: both are there, or neither.
 * @param changes an SQL expression: jsonb with `before` and `after`
 * @param id an SQL expression: where there can be several rows, one that gives each its own
 */
export function auditEntry(
  resource: Audited,
  action: AuditAction,
  from: string,
  changes: string,
  sql: Sql,
  id = sql.typed(newId(), 'uuid'),
): string {
  const { actorId, actorKind, reason, requestId, ip, userAgent } = auditContext();
  const values = [
    // the entry of an organization is its own
    resource.holding === 'itself' ? 'coalesce("id", $1::uuid)' : '$1::uuid',
    id,
    sql.typed(actorId, 'uuid'),
    sql.typed(actorKind, 'text'),
    literal(action),
    literal(resource.table.name),
    '"id"',
    sql.typed(reason, 'text'),
    changes,
    sql.typed(requestId, 'text'),
    sql.typed(ip, 'text'),
    sql.typed(userAgent, 'text'),
  ];
  return `"#entry" as (insert into ${ledgerSchema(resource)}audit_log (organization_id, id, actor_id, actor_kind, action, resource, resource_id, reason, changes, request_id, ip, user_agent) select ${values.join(', ')} from ${from})`;
}

const written = new WeakMap<Table, Map<string, string>>();

/** All that a row holds, as jsonb: of one that was made or removed. Written once for each name of the row. */
export function wholeRow(table: Table, alias: string): string {
  const known = written.get(table)?.get(alias);
  if (known !== undefined) return known;
  const sql = writeWholeRow(table, alias);
  written.set(table, new Map([...(written.get(table) ?? []), [alias, sql]]));
  return sql;
}

function writeWholeRow(table: Table, alias: string): string {
  const told = [...table.columns.values()].filter((column) => isSecret(column) || column.type.kind === 'numeric');
  const left = [...BOOKKEEPING, ...table.unseen, ...told.map(({ name }) => name)];
  const apart = told.length === 0 ? '' : ` || ${columnsOf(told, alias)}`;
  return `((to_jsonb(${alias}) - ${literal(`{${left.map((name) => JSON.stringify(name)).join()}}`)}::text[])${apart})`;
}

/** What differs in these columns between two rows, as jsonb with `before` and `after`. A secret is told of whether it differs or not. */
export function difference(columns: readonly Column[], before: string, after: string): string {
  const secrets = columns.filter(isSecret).map(({ name }) => literal(name));
  const orSecret = secrets.length === 0 ? '' : ` or k in (${secrets.join(', ')})`;
  return `(select jsonb_build_object('before', coalesce(jsonb_object_agg(k, o -> k), '{}'), 'after', coalesce(jsonb_object_agg(k, n -> k), '{}'))
    from (select ${columnsOf(columns, before)} as o, ${columnsOf(columns, after)} as n) both_rows, jsonb_object_keys(n) k
    where o -> k is distinct from n -> k${orSecret})`;
}

function columnsOf(columns: readonly Column[], alias: string): string {
  const pairs = columns.map((column) => {
    const value = `${alias}.${column.quoted}`;
    return `${literal(column.name)}, ${toldOf(column, value)}`;
  });
  const objects: string[] = [];
  for (let at = 0; at < pairs.length; at += PAIRS)
    objects.push(`jsonb_build_object(${pairs.slice(at, at + PAIRS).join(', ')})`);
  return objects.join(' || ');
}

/** A secret as its mask, a decimal as text: a number of JSON is a double to most who read it. */
function toldOf(column: Column, value: string): string {
  if (isSecret(column)) return `case when ${value} is not null then ${literal(MASK)} end`;
  return column.type.kind === 'numeric' ? `${value}::text` : value;
}

const isSecret = ({ name }: Column): boolean => masked(name, PROBE) !== PROBE;
