import type { OrderTerm } from '../definition/listing.js';
import type { Sql } from '../sql.js';

/**
 * The rows that come after a row with these values, in an order whose last term is unique. Nulls are last in both
 * directions. Where no column can be null and all go one way it is one comparison of rows, which an index serves.
 */
export function afterRow(order: readonly OrderTerm[], values: readonly unknown[], sql: Sql): string {
  const [first] = order;
  const plain = order.every(({ column, descending }) => !column.nullable && descending === first?.descending);
  if (plain && first !== undefined) {
    const columns = order.map(({ column }) => column.quoted).join(', ');
    const places = values.map((value) => sql.bind(value)).join(', ');
    return `(${columns}) ${first.descending ? '<' : '>'} (${places})`;
  }
  return lexicographic(order, values, sql);
}

/** After by the first term, or equal in it and after by the others. */
function lexicographic(order: readonly OrderTerm[], values: readonly unknown[], sql: Sql): string {
  const [term, ...others] = order;
  if (term === undefined) return 'false';
  const [value, ...rest] = values;
  const name = term.column.quoted;
  // nothing comes after null but null
  if (value === null) return `(${name} is null and ${lexicographic(others, rest, sql)})`;
  const place = sql.typed(value, term.column.type.sql);
  const after = `${name} ${term.descending ? '<' : '>'} ${place}`;
  const orNull = term.column.nullable ? ` or ${name} is null` : '';
  const tie = others.length === 0 ? '' : ` or (${name} = ${place} and ${lexicographic(others, rest, sql)})`;
  return `(${after}${orNull}${tie})`;
}
