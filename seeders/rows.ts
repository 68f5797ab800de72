import { ZERO_ID } from '../src/common/ids.js';
import type { Statement } from '../src/platform/database/index.js';
import { type AuditEntry, auditInsert, masked } from '../src/platform/tenancy/index.js';
import type { PlatformUnit } from '../src/platform/tenancy/platform.js';

/** A row under its column names. */
export type Row = Readonly<Record<string, unknown>>;
/** One statement of the running transaction. */
export type Run = <T>(statement: Statement) => Promise<T[]>;

/** One transaction on core, of one seeder at a time: two nodes may start for the first time at once. */
export const onCore = <T>(platform: PlatformUnit, work: (run: Run) => Promise<T>): Promise<T> =>
  platform.transaction(async (transaction) => {
    const run: Run = (statement) => transaction.query(statement);
    await run({ text: `select pg_advisory_xact_lock(hashtextextended('tenantry:seed', 0))`, values: [] });
    return work(run);
  });

/** Entries of one insert: PostgreSQL takes 65,535 parameters a statement. */
const ENTRIES_AT_ONCE = 1_000;

/**
 * Inserts the rows that no unique key of the table holds yet, in one statement, and gives the ids of those it made. All
 * rows have the same columns. Each gets its entry in the audit log of its plane.
 */
export async function insertMissing(run: Run, table: string, rows: readonly Row[]): Promise<Set<string>> {
  const [first] = rows;
  if (first === undefined) return new Set();
  const columns = Object.keys(first).join(', ');
  const made = await run<Row>({
    text: `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb)
      on conflict do nothing returning ${columns}`,
    values: [JSON.stringify(rows)],
  });
  await audit(
    run,
    table,
    made.map((after) => entryOf(table, 'create', { after })),
  );
  return new Set(made.map((row) => String(row['id'] ?? row['user_id'])));
}

/** Notes changes that a seeder made by a statement of its own; `table` as in `insertMissing`. */
export async function audit(run: Run, table: string, entries: readonly AuditEntry[]): Promise<void> {
  const log = table.startsWith('core.') ? 'core.audit_log' : 'audit_log';
  for (let from = 0; from < entries.length; from += ENTRIES_AT_ONCE) {
    await run(auditInsert(log, entries.slice(from, from + ENTRIES_AT_ONCE)));
  }
}

export function entryOf(
  table: string,
  action: 'create' | 'update' | 'delete',
  changes: { before?: Row; after?: Row },
): AuditEntry {
  const row = changes.after ?? changes.before ?? {};
  const organization = row['organization_id'] ?? (table === 'core.organizations' ? row['id'] : undefined);
  return {
    organizationId: typeof organization === 'string' ? organization : ZERO_ID,
    action,
    resource: table.replace('core.', ''),
    resourceId: String(row['id'] ?? row['user_id']),
    changes: {
      ...(changes.before === undefined ? {} : { before: hidden(changes.before) }),
      ...(changes.after === undefined ? {} : { after: hidden(changes.after) }),
    },
  };
}

const hidden = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, masked(column, value)]));
