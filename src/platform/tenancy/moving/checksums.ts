import pg from 'pg';
import { columnList, type MovedTable, tableAt } from './place-tables.js';

/** Of a table's rows of one tenant, whatever their order. */
interface Sum {
  readonly count: bigint;
  readonly sum: bigint;
}
type Piece = { readonly count: string; readonly sum: string; readonly last: string[] | null };
/** How one statement of many is run. */
export type Pace = <T>(piece: () => Promise<T>) => Promise<T>;

const ROWS_AT_ONCE = 2_000;

/** Counts and checksums of a tenant's rows at a place, by table: as the client's transaction sees them. */
export async function checksums(
  client: pg.Client,
  schema: string,
  organizationId: string,
  tables: readonly MovedTable[],
  pace: Pace,
): Promise<Map<string, Sum>> {
  const sums = new Map<string, Sum>();
  for (const table of tables) {
    let [count, sum] = [0n, 0n];
    let last: string[] | null = null;
    do {
      const values: string[] = [organizationId, ...(last ?? [])];
      const text = pieceOf(schema, table, last !== null);
      const [piece] = (await pace(() => client.query<Piece>(text, values))).rows;
      count += BigInt(piece?.count ?? 0);
      sum += BigInt(piece?.sum ?? 0);
      last = piece?.last ?? null;
    } while (last !== null);
    sums.set(table.name, { count, sum });
  }
  return sums;
}

/** A statement over the next rows in the order of the key. `last`: the key of the last one, where there may be more. */
function pieceOf(schema: string, table: MovedTable, isLater: boolean): string {
  const row = `row(${columnList(table.columns)})::text`;
  const hash = `('x' || left(encode(sha256(convert_to(${row}, 'UTF8')), 'hex'), 15))::bit(60)::bigint as hash`;
  const from = `from ${tableAt(schema, table)} where organization_id = $1`;
  const sum = 'select count(*)::text as count, coalesce(sum(hash), 0)::text as sum';
  // of a table without a further key the tenant has one row
  if (table.key.length === 0) return `${sum}, null as last from (select ${hash} ${from}) r`;
  const key = columnList(table.key);
  const places = table.key.map(({ type }, at) => `$${String(at + 2)}::text::${type}`);
  const later = isLater ? ` and (${key}) > (${places.join(', ')})` : '';
  const texts = table.key.map(({ name }) => `${pg.escapeIdentifier(name)}::text`);
  return `with r as materialized (select ${key}, ${hash} ${from}${later} order by ${key} limit ${String(ROWS_AT_ONCE)})
    ${sum}, (select json_build_array(${texts.join(', ')}) from r offset ${String(ROWS_AT_ONCE - 1)}) as last from r`;
}

/** What differs, in words; undefined: nothing. */
export function mismatchOf(source: Map<string, Sum>, target: Map<string, Sum>): string | undefined {
  const different = [...source].flatMap(([name, { count, sum }]) => {
    const there = target.get(name);
    if (there?.count === count && there.sum === sum) return [];
    return [`${name}: ${String(count)} rows at the source, ${String(there?.count ?? 'none')} at the target`];
  });
  return different.length === 0 ? undefined : different.join('; ');
}
