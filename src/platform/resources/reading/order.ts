import type { FieldFault } from '../../../common/problem.js';
import type { Listing, OrderTerm } from '../definition/listing.js';
import { quoted } from '../sql.js';
import { fault } from './query-string.js';

/** Terms of a sort: more make no difference to anybody. */
const MAX_TERMS = 8;

/**
 * Reads `-created_at,name`, or answers what is wrong with it. Ties are broken by id in the direction of the first term,
 * so that the order is total.
 */
export function parseOrder(listing: Listing, text: string): OrderTerm[] | FieldFault {
  const order: OrderTerm[] = [];
  for (const term of text.split(',')) {
    const descending = term.startsWith('-');
    const wire = descending ? term.slice(1) : term;
    const column = listing.sortable.get(wire);
    if (column === undefined)
      return wrong('unknown_column', `must list some of ${[...listing.sortable.keys()].join(', ')}`);
    if (order.some((each) => each.column === column)) return wrong('duplicate_column', 'names a column twice');
    order.push({ column, descending });
    if (order.length > MAX_TERMS) return wrong('too_many', `must have at most ${String(MAX_TERMS)} columns`);
    // nothing ties behind the id
    if (column === listing.idColumn) return order;
  }
  order.push({ column: listing.idColumn, descending: order[0]?.descending ?? false });
  return order;
}

const wrong = (code: string, message: string): FieldFault => fault('sort', code, message);

/** As `order by` has it: null is last in both directions. */
export const orderBy = (order: readonly OrderTerm[], alias = ''): string =>
  order
    .map(({ column, descending }) => {
      const name = alias === '' ? column.quoted : `${alias}.${quoted(column.wire)}`;
      return `${name}${descending ? ' desc' : ''}${column.nullable ? ' nulls last' : ''}`;
    })
    .join(', ');
