import { ZERO_ID } from '../../common/ids.js';
import { type AuditEntry, auditInsert, masked, type Unit } from '../../platform/tenancy/index.js';

type Row = Readonly<Record<string, unknown>>;
/** Which rows: a condition on `t` with its values. */
export interface Which {
  readonly where: string;
  readonly values: readonly unknown[];
}

/** Entries of one insert: PostgreSQL takes so many values, and no more. */
const ENTRIES = 1_000;

/** Removes rows of a table of core for good, with an audit entry for each. */
export async function removeRows(unit: Unit, table: string, { where, values }: Which): Promise<Row[]> {
  const text = `delete from core.${table} t where ${where} returning to_jsonb(t) as row`;
  const rows = (await unit.write<{ row: Row }>({ text, values })).map(({ row }) => row);
  await audit(
    unit,
    rows.map((row) => ({ ...placeOf(table, row), action: 'delete', changes: { before: told(row) } })),
  );
  return rows;
}

/**
 * Those who report to him and are deleted themselves do so no more: the living keep whom they report to from being removed.
 * @param organizationId null: in all of them
 */
export async function freeTheDeleted(unit: Unit, userId: string, organizationId: string | null): Promise<void> {
  const rows = await unit.write<{ row: Row }>({
    text: `update core.user_tenant_associations t set reports_to_id = null, version = t.version + 1, updated_at = now()
      from core.users u where u.id = t.user_id and u.deleted_at is not null and t.reports_to_id = $1 and ($2::uuid is null or t.organization_id = $2) returning to_jsonb(t) as row`,
    values: [userId, organizationId],
  });
  const changes = { before: { reports_to_id: userId }, after: { reports_to_id: null } };
  await audit(
    unit,
    rows.map(({ row }) => ({ ...placeOf('user_tenant_associations', row), action: 'update', changes })),
  );
}

async function audit(unit: Unit, entries: readonly AuditEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += ENTRIES)
    await unit.write(auditInsert('core.audit_log', entries.slice(at, at + ENTRIES)));
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const placeOf = (resource: string, row: Row) => ({
  organizationId: text(row['organization_id']) ?? ZERO_ID,
  resource,
  resourceId: text(row['id']) ?? text(row['user_id']),
});

/** Without the twins that the database makes, and without secrets. */
const told = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).flatMap(([column, value]) =>
      column.endsWith('_lower') ? [] : [[column, masked(column, value)] as const],
    ),
  );
