import pg from 'pg';
import { unhurried } from './brake.js';
import { type MovedTable, tableAt } from './place-tables.js';

/** Rows that are removed by one statement. */
const BATCH = 2_000;

/**
 * Removes a tenant's rows from a place where they are a copy: what a move left behind or has not finished. The database
 * refuses it (TM004) where they are the tenant's own. In batches, children first.
 */
export async function removeCopy(
  client: pg.Client,
  schema: string,
  organizationId: string,
  tables: readonly MovedTable[],
): Promise<void> {
  const filled = await tablesWithRows(client, schema, organizationId, tables);
  for (const table of filled.toReversed()) {
    while (!isLastBatch(table, await unhurried(() => removeBatch(client, schema, organizationId, table))));
  }
  const [left] = await tablesWithRows(client, schema, organizationId, filled);
  if (left !== undefined)
    throw new Error(`rows of ${schema}.${left.name} cannot be removed: they refer to one another`);
}

async function tablesWithRows(
  client: pg.Client,
  schema: string,
  organizationId: string,
  tables: readonly MovedTable[],
): Promise<MovedTable[]> {
  if (tables.length === 0) return [];
  const asked = tables.map(
    (table, at) =>
      `select ${String(at)} as at where exists (select from ${tableAt(schema, table)} where organization_id = $1)`,
  );
  const { rows } = await client.query<{ at: number }>(asked.join(' union all '), [organizationId]);
  const filled = new Set(rows.map(({ at }) => at));
  return tables.filter((_, at) => filled.has(at));
}

async function removeBatch(
  client: pg.Client,
  schema: string,
  organizationId: string,
  table: MovedTable,
): Promise<number> {
  if (table.appendOnly) {
    if (table.name !== 'audit_log') throw new Error(`nothing removes rows of ${table.name}`);
    const { rows } = await client.query<{ removed: number }>(
      'select tenancy.remove_copied_audit($1, $2, $3) as removed',
      [schema, organizationId, BATCH],
    );
    return rows[0]?.removed ?? 0;
  }
  await client.query('begin');
  try {
    await client.query('select tenancy.assert_copy($1, $2)', [schema, organizationId]);
    const removed = await deleteBatch(client, schema, organizationId, table);
    await client.query('commit');
    return removed;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** Some rows of a tenant, of those that refer to one another the last ones first. @returns how many */
export async function deleteBatch(
  client: pg.Client,
  schema: string,
  organizationId: string,
  table: MovedTable,
): Promise<number> {
  const name = tableAt(schema, table);
  const leaves = table.selfReferences.map((pairs) => {
    const joined = pairs.map(
      ({ column, refersTo }) => `child.${pg.escapeIdentifier(column)} = t.${pg.escapeIdentifier(refersTo)}`,
    );
    return ` and not exists (select from ${name} child where ${joined.join(' and ')} and child.ctid <> t.ctid)`;
  });
  const { rowCount } = await client.query(
    `delete from ${name} where organization_id = $1 and ctid = any (array(
      select t.ctid from ${name} t where t.organization_id = $1${leaves.join('')} limit ${String(BATCH)}))`,
    [organizationId],
  );
  return rowCount ?? 0;
}

/** A batch of a table whose rows refer to one another is of those that none refers to, and may be small. */
export const isLastBatch = ({ selfReferences }: MovedTable, removed: number): boolean =>
  removed === 0 || (selfReferences.length === 0 && removed < BATCH);
