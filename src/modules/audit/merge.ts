import type { Position } from './audit-query.js';

/** One sorted list of entries: so many behind a position, after so many that are left out. */
export type Fetch<Row extends Position> = (after: Position | undefined, limit: number, skip: number) => Promise<Row[]>;

interface Wanted {
  readonly descending: boolean;
  readonly after: Position | undefined;
  readonly skip: number;
  readonly limit: number;
}
interface Part<Row extends Position> {
  readonly fetch: Fetch<Row>;
  after: Position | undefined;
}

/** A page of several sorted lists as of one. None of them is read further than the page needs. */
export async function mergedPage<Row extends Position>(fetches: readonly Fetch<Row>[], wanted: Wanted): Promise<Row[]> {
  const { after, skip, limit, descending } = wanted;
  const [first, ...others] = fetches;
  if (first !== undefined && others.length === 0) return first(after, limit, skip);
  const parts = fetches.map((fetch) => ({ fetch, after }));
  if (!(await leaveOut(parts, skip, descending))) return [];
  const lists = await Promise.all(parts.map((part) => part.fetch(part.after, limit, 0)));
  return lists
    .flat()
    .sort((a, b) => compare(a, b, descending))
    .slice(0, limit);
}

/**
 * Moves the parts behind the first `count` rows of all of them. The rows that come first cannot be counted in each part
 * beforehand, but of the n-th row of each part the earliest has at most n − 1 before it in any other: with n = count
 * divided by the number of parts it is among those that are left out, and so is all before it. False: there are not as
 * many rows.
 */
async function leaveOut<Row extends Position>(
  parts: Part<Row>[],
  count: number,
  descending: boolean,
): Promise<boolean> {
  for (let left = count; left > 0;) {
    const step = Math.max(1, Math.floor(left / parts.length));
    const found = await Promise.all(
      parts.map(async (part) => ({ part, row: (await part.fetch(part.after, 1, step - 1))[0] })),
    );
    const [earliest] = found
      .flatMap(({ part, row }) => (row === undefined ? [] : [{ part, row }]))
      .sort((a, b) => compare(a.row, b.row, descending));
    if (earliest === undefined) return false;
    earliest.part.after = { at: earliest.row.at, id: earliest.row.id };
    left -= step;
  }
  return true;
}

/** Times of one form and ids compare as texts, as PostgreSQL does. */
function compare(a: Position, b: Position, descending: boolean): number {
  const order = a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  return descending ? -order : order;
}
