import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { DEFAULT_LIMIT, MAX_LIMIT, type Page } from '../../common/pagination.js';
import { fault, queryOf, readQuery, unknownParameter } from '../../platform/resources/index.js';

const RANGES = { skip: { min: 0, max: 2 ** 31 - 1, or: 0 }, limit: { min: 1, max: MAX_LIMIT, or: DEFAULT_LIMIT } };
type Range = keyof typeof RANGES;

/**
 * A page of what one person has, which is little and read whole: `skip`, `limit` and `with_total` are its parameters.
 * @throws ValidationFailed for any other, and for values that are none
 */
export function shortList<T>(url: string, items: readonly T[]): Page<T> {
  const { skip, limit, withTotal } = windowOf(url);
  return { items: items.slice(skip, skip + limit), next_cursor: null, total: withTotal ? items.length : null };
}

/** Reads the parameters before anything is looked up: they are judged first. */
export function windowOf(url: string): { skip: number; limit: number; withTotal: boolean } {
  const wanted = { skip: RANGES.skip.or, limit: RANGES.limit.or, withTotal: false };
  readQuery(queryOf(url), (name, value) => {
    if (name === 'with_total') {
      if (value !== 'true' && value !== 'false') return fault(name, 'is_boolean', 'must be true or false');
      wanted.withTotal = value === 'true';
      return undefined;
    }
    if (!isRange(name)) return unknownParameter(name);
    const { min, max } = RANGES[name];
    const number = /^\d{1,10}$/.test(value) ? Number(value) : NaN;
    if (!(number >= min && number <= max))
      return fault(name, 'is_int', `must be a whole number from ${String(min)} to ${String(max)}`);
    wanted[name] = number;
    return undefined;
  });
  return wanted;
}

const isRange = (name: string): name is Range => name in RANGES && Object.hasOwn(RANGES, name);

/** What the OpenAPI document says of such a list's parameters. */
export const ShortListQuery = (): MethodDecorator =>
  applyDecorators(
    ApiQuery({ name: 'skip', required: false, schema: { type: 'integer', minimum: 0, default: 0 } }),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    }),
    ApiQuery({ name: 'with_total', required: false, schema: { type: 'boolean', default: false } }),
  );
