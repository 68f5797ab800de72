import type pg from 'pg';
import { columnList, type MovedTable, tableAt } from './place-tables.js';

/** Of a table's rows of one tenant, whatever their order. */
interface Sum {
  readonly count: string;
  readonly sum: string;
}

/** Counts and checksums of a tenant's rows at a place, by table: as the client's transaction sees them. */
export async function checksums(
  client: pg.Client,
  schema: string,
  organizationId: string,
  tables: readonly MovedTable[],
): Promise<Map<string, Sum>> {
  const sums = new Map<string, Sum>();
  for (const table of tables) {
    const row = `row(${columnList(table.columns)})::text`;
    const { rows } = await client.query<Sum>(
      `select count(*)::text as count, coalesce(sum(('x' || left(encode(sha256(convert_to(${row}, 'UTF8')), 'hex'), 15))::bit(60)::bigint), 0)::text as sum
       from ${tableAt(schema, table)} where organization_id = $1`,
      [organizationId],
    );
    sums.set(table.name, rows[0] ?? { count: '0', sum: '0' });
  }
  return sums;
}

/** What differs, in words; undefined: nothing. */
export function mismatchOf(source: Map<string, Sum>, target: Map<string, Sum>): string | undefined {
  const different = [...source].flatMap(([name, { count, sum }]) => {
    const there = target.get(name);
    if (there?.count === count && there.sum === sum) return [];
    return [`${name}: ${count} rows at the source, ${there?.count ?? 'none'} at the target`];
  });
  return different.length === 0 ? undefined : different.join('; ');
}
