import { type CursorValue, decodeCursor } from '../../../common/cursor.js';
import { faultOfText } from '../../../common/json.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../../common/pagination.js';
import { ValidationFailed, type FieldFault } from '../../../common/problem.js';
import type { Filter, Listing, OrderTerm } from '../definition/listing.js';
import { conditionOf, type Condition } from './condition.js';
import { parseOrder } from './order.js';
import { fault, readQuery, unknownParameter, wholeNumber } from './query-string.js';

/** What a caller wants of a list, every value typed as its column is. */
export interface ListQuery {
  readonly conditions: readonly Condition[];
  readonly order: readonly OrderTerm[];
  /** The deleted instead of the living. */
  readonly deleted: boolean;
  readonly q: string | undefined;
  readonly limit: number;
  readonly skip: number;
  /** Where the page before ended: a value for each term of the order. */
  readonly after: readonly unknown[] | undefined;
  readonly withTotal: boolean;
  /** Whose names are added. */
  readonly include: readonly string[];
  /** What a cursor is bound to. Written out only where there is one. */
  readonly binding: () => string;
}

/** A list in pages, or all of it as a file. */
export type ListMode = 'page' | 'export';

const MAX_SKIP = 2 ** 31 - 1;
const MIN_SEARCH = 2;
const MAX_SEARCH = 200;
const PAGING = new Set(['skip', 'limit', 'cursor', 'with_total', 'include']);

/**
 * Reads the query of a list (api.md, "Lists"). It stands on hot paths: hence no class-validator.
 * @param query what follows the `?`
 * @throws ValidationFailed with every parameter that is unknown, doubled or of the wrong type
 */
export function parseListQuery(listing: Listing, query: string, mode: ListMode = 'page'): ListQuery {
  const draft = new Draft(listing);
  readQuery(query, (name, value) => {
    const filter = listing.filters.get(name);
    if (filter !== undefined) return draft.filter(filter, value);
    const read = mode === 'export' && PAGING.has(name) ? undefined : READERS.get(name);
    return read === undefined ? unknownParameter(name) : read(draft, value);
  });
  return draft.finish();
}

/** What has been read so far. */
class Draft {
  conditions: Condition[] = [];
  order: readonly OrderTerm[];
  deleted = false;
  q: string | undefined;
  limit = DEFAULT_LIMIT;
  skip: number | undefined;
  cursor: string | undefined;
  withTotal = false;
  include: readonly string[] = [];
  /** The parameters that say what is listed, as they came. */
  private readonly bound: string[] = [];

  constructor(readonly listing: Listing) {
    this.order = listing.defaultOrder;
  }

  filter(filter: Filter, text: string): FieldFault | undefined {
    const condition = conditionOf(filter, text);
    if (condition === undefined) return fault(filter.parameter, filter.type.code, filter.type.message);
    this.conditions.push(condition);
    this.bind(filter.parameter, text);
    return undefined;
  }

  bind(name: string, text: string): void {
    this.bound.push(`${name}=${text}`);
  }

  finish(): ListQuery {
    const { conditions, order, deleted, q, limit, skip = 0, withTotal, include } = this;
    if (conditions.length > 1) conditions.sort((a, b) => a.filter.ordinal - b.filter.ordinal);
    const binding = (): string => [this.listing.table, orderText(order), ...this.bound.sort()].join('\n');
    const after = this.cursor === undefined ? undefined : this.afterOf(this.cursor, binding());
    return { conditions, order, deleted, q, limit, skip, after, withTotal, include, binding };
  }

  private afterOf(cursor: string, binding: string): readonly unknown[] {
    const refuse = (code: string, message: string) => ValidationFailed({ errors: [fault('cursor', code, message)] });
    if (this.skip !== undefined) throw refuse('cursor_with_skip', 'does not go together with skip');
    if (this.order.some(({ descending }) => descending !== this.order[0]?.descending))
      throw refuse('cursor_with_mixed_sort', 'needs sort columns of one direction');
    const values = decodeCursor(cursor, binding);
    if (values?.length !== this.order.length || !values.every((value, at) => fits(value, this.order[at])))
      throw refuse('invalid_cursor', 'is not a next_cursor of this list with this sort and these filters');
    return values;
  }
}

type Reader = (draft: Draft, text: string) => FieldFault | undefined;

const IS_DELETED = flag('is_deleted', (draft, value) => {
  draft.deleted = value;
  draft.bind('is_deleted', String(value));
});

/** A map, since names come from the caller: an object would have `constructor`. */
const READERS = new Map<string, Reader>(
  Object.entries({
    skip: wholeNumber<Draft>('skip', 0, MAX_SKIP, (draft, value) => (draft.skip = value)),
    limit: wholeNumber<Draft>('limit', 1, MAX_LIMIT, (draft, value) => (draft.limit = value)),
    with_total: flag('with_total', (draft, value) => (draft.withTotal = value)),
    is_deleted: (draft, text) =>
      draft.listing.isRestorable ? IS_DELETED(draft, text) : unknownParameter('is_deleted'),
    cursor: (draft, text) => {
      draft.cursor = text;
      return undefined;
    },
    sort: (draft, text) => {
      const order = parseOrder(draft.listing, text);
      if (!Array.isArray(order)) return order;
      draft.order = order;
      return undefined;
    },
    q: (draft, text) => {
      const { search, searched } = draft.listing;
      if (search.length === 0 && searched === undefined) return unknownParameter('q');
      if (text.length < MIN_SEARCH)
        return fault('q', 'min_length', `must have ${String(MIN_SEARCH)} characters or more`);
      if (text.length > MAX_SEARCH)
        return fault('q', 'max_length', `must have at most ${String(MAX_SEARCH)} characters`);
      draft.q = text;
      draft.bind('q', text);
      return undefined;
    },
    include: (draft, text) => {
      const { people } = draft.listing;
      if (people.length === 0) return unknownParameter('include');
      const names = text.split(',');
      if (!names.every((name) => people.includes(name)))
        return fault('include', 'is_in', `must be ${people.join(' or ')}`);
      draft.include = names;
      return undefined;
    },
  } satisfies Record<string, Reader>),
);

function flag(name: string, set: (draft: Draft, value: boolean) => void): Reader {
  const wrong = fault(name, 'is_boolean', 'must be true or false');
  return (draft, text) => {
    if (text !== 'true' && text !== 'false') return wrong;
    set(draft, text === 'true');
    return undefined;
  };
}

const orderText = (order: readonly OrderTerm[]): string =>
  order.map(({ column, descending }) => `${descending ? '-' : ''}${column.wire}`).join();

/** A cursor of ours holds what the column answers: a text that stands for a value of it, or null. */
function fits(value: CursorValue, term: OrderTerm | undefined): boolean {
  if (term === undefined) return false;
  const { type, nullable } = term.column;
  if (value === null) return nullable;
  // whoever makes one himself can put into it what a URL cannot hold
  return faultOfText(String(value)) === undefined && type.parse(String(value)) !== undefined;
}
