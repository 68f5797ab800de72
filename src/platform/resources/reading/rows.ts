import { type CursorValue, encodeCursor } from '../../../common/cursor.js';
import type { Page } from '../../../common/pagination.js';
import { isoTime } from '../../../common/time.js';
import type { Resource } from '../definition/resource.js';
import type { StoredRow } from '../dto/business.dto.js';
import type { ListQuery } from './list-query.js';
import { TOTAL } from './list-statement.js';

/** A row as the database answers it, under wire names. */
export type RawRow = Record<string, unknown>;

/** The same row with its times in RFC 3339: changed where it is, on hot paths. */
export function withTimes<Row extends StoredRow>(row: RawRow, { times }: Resource<Row>): Row {
  for (const name of times) {
    const value = row[name];
    if (typeof value === 'string') row[name] = isoTime(value);
  }
  // the select list has the columns that the row's class was described with
  return row as Row;
}

/** The page of a list, from its rows and the one more. */
export function pageOf<Row extends StoredRow>(rows: RawRow[], query: ListQuery, resource: Resource<Row>): Page<Row> {
  const total = query.withTotal ? Number(rows[0]?.[TOTAL] ?? 0) : null;
  const found = query.withTotal ? rows.flatMap(withoutTotal) : rows;
  const isMore = found.length > query.limit;
  if (isMore) found.length = query.limit;
  const items = found.map((row) => withTimes(row, resource));
  const last = isMore ? found[query.limit - 1] : undefined;
  return { items, next_cursor: last === undefined ? null : cursorOf(last, query), total };
}

/** Where the next page begins; null for an order that goes both ways, which has no cursor. */
function cursorOf(row: RawRow, { order, binding }: ListQuery): string | null {
  if (order.some(({ descending }) => descending !== order[0]?.descending)) return null;
  return encodeCursor(valuesOf(row, order), binding());
}

/** What stands in the order's columns of a row. */
export const valuesOf = (row: RawRow, order: ListQuery['order']): CursorValue[] =>
  order.map(({ column }) => row[column.wire] as CursorValue);

/** On an empty page only the total comes, beside a row of nulls. */
function withoutTotal({ [TOTAL]: _, ...row }: RawRow): RawRow[] {
  return row['id'] === null ? [] : [row];
}
