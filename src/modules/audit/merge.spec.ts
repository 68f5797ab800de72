import { describe, expect, it } from '@jest/globals';
import { type Fetch, mergedPage } from './merge.js';
import type { Position } from './audit-query.js';

const order = (a: Position, b: Position) => (a.at + a.id < b.at + b.id ? -1 : 1);

/** A sorted list, which also counts what is fetched of it. */
function listOf(rows: readonly Position[], descending: boolean) {
  const sorted = descending ? rows.toSorted(order).reverse() : rows.toSorted(order);
  const list = { fetched: 0, fetch: undefined as unknown as Fetch<Position> };
  list.fetch = (after, limit, skip) => {
    const behind =
      after === undefined
        ? sorted
        : sorted.filter((row) => (order(after, row) < 0 ? !descending : descending) && row.id !== after.id);
    const page = behind.slice(skip, skip + limit);
    list.fetched += page.length;
    return Promise.resolve(page);
  };
  return list;
}

/** Few times and many rows: equal times within a list and across them. */
function rowsOf(count: number, from: number): Position[] {
  return Array.from({ length: count }, (_, n) => ({
    at: `2026-11-0${String(1 + ((n * 7 + from) % 5))}`,
    id: String(from + n * 3).padStart(4, '0'),
  }));
}

describe.each([true, false])('pages of several lists as of one, descending: %p', (descending) => {
  it.each([
    [0, 0],
    [0, 9],
    [9, 0],
    [1, 1],
    [5, 40],
    [40, 3],
    [25, 25],
  ])('of %i and %i rows', async (one, other) => {
    const parts = [rowsOf(one, 0), rowsOf(other, 1)];
    const all = listOf(parts.flat(), descending);
    const fetches = () => parts.map((rows) => listOf(rows, descending).fetch);
    for (const limit of [1, 4, 100]) {
      for (let skip = 0; skip <= one + other + 2; skip++) {
        const wanted = { descending, after: undefined, skip, limit };
        expect(await mergedPage(fetches(), wanted)).toEqual(await all.fetch(undefined, limit, skip));
      }
    }
    for (const after of parts.flat()) {
      const wanted = { descending, after, skip: 0, limit: 7 };
      expect(await mergedPage(fetches(), wanted)).toEqual(await all.fetch(after, 7, 0));
    }
  });

  it('without reading what is left out', async () => {
    const lists = [listOf(rowsOf(3_000, 0), descending), listOf(rowsOf(3_000, 1), descending)];
    await mergedPage(
      lists.map(({ fetch }) => fetch),
      { descending, after: undefined, skip: 5_000, limit: 10 },
    );
    expect((lists[0]?.fetched ?? 0) + (lists[1]?.fetched ?? 0)).toBeLessThan(60);
  });
});
