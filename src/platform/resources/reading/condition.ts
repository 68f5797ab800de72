import type { Filter } from '../definition/listing.js';
import type { Sql } from '../sql.js';

/** A filter with what it is compared to. */
export interface Condition {
  readonly filter: Filter;
  /** Any of them does. */
  readonly values: readonly (string | number | boolean)[];
  /** Null does as well (`status=new,null`). */
  readonly orNull: boolean;
}

/** Values of `col=a,b`: a URL is longer than anybody needs. */
const MAX_VALUES = 500;

/** Reads `v`, `a,b` or `null`, each typed as the column is; undefined when one does not fit. */
export function conditionOf(filter: Filter, text: string): Condition | undefined {
  if (filter.test === 'tags') return { filter, values: text.split(','), orNull: false };
  if (filter.test === 'gte' || filter.test === 'lt' || filter.test === 'flag') {
    const value = filter.type.parse(text);
    return value === undefined ? undefined : { filter, values: [value], orNull: false };
  }
  const texts = text.includes(',') ? text.split(',') : [text];
  if (texts.length > MAX_VALUES) return undefined;
  const values: (string | number | boolean)[] = [];
  let orNull = false;
  for (const each of texts) {
    if (each === 'null' && filter.test !== 'further') orNull = true;
    else {
      const value = filter.type.parse(each);
      if (value === undefined) return undefined;
      values.push(value);
    }
  }
  return { filter, values, orNull };
}

/** The condition in SQL. */
export function predicateOf({ filter, values, orNull }: Condition, sql: Sql): string {
  const { expression, test } = filter;
  switch (test) {
    case 'gte':
      return `${expression} >= ${sql.bind(values[0])}`;
    case 'lt':
      return `${expression} < ${sql.bind(values[0])}`;
    case 'tags':
      return `${expression} ?| ${sql.typed(values, 'text[]')}`;
    case 'flag':
      return values[0] === true ? expression : `not ${expression}`;
    case 'further':
      return filter.holds?.(sql.typed(values, `${filter.type.sql}[]`)) ?? 'true';
    case 'equals_lower': {
      // lowered by the database, as the column was
      const places = values.map((value) => `lower(${sql.typed(value, 'text')})`);
      const equal = places.length === 0 ? 'false' : `${expression} in (${places.join(', ')})`;
      return orNull ? `(${equal} or ${expression} is null)` : equal;
    }
    case 'equals': {
      if (values.length === 0) return `${expression} is null`;
      // one value is written apart: an index keeps its order behind it
      const equal =
        values.length === 1 ? `${expression} = ${sql.bind(values[0])}` : `${expression} = any(${sql.bind(values)})`;
      return orNull ? `(${equal} or ${expression} is null)` : equal;
    }
  }
}
