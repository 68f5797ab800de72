import { applyDecorators } from '@nestjs/common';
import { ApiQuery, type ApiQueryOptions } from '@nestjs/swagger';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../common/pagination.js';
import { AUDIT_FILTERS } from './audit-filters.js';

const optional = (name: string, description: string, schema: Readonly<Record<string, unknown>>): ApiQueryOptions => ({
  name,
  required: false,
  description,
  schema,
});

const FILTERS = [...AUDIT_FILTERS.values()].map(({ parameter, test, type }): ApiQueryOptions => {
  if (test === 'gte') return optional(parameter, 'From this on', type.schema);
  if (test === 'lt') return optional(parameter, 'Before this', type.schema);
  const several = { type: 'array', minItems: 1, items: type.schema };
  const description = 'This, or any of several; `null` for none';
  return { ...optional(parameter, description, several), style: 'form', explode: false };
});
const SORT = optional('sort', 'The newest first, or the oldest. Ties are broken by id.', {
  type: 'string',
  enum: ['-at', 'at'],
  default: '-at',
});
const PAGING = [
  optional('skip', 'Entries to leave out', { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1, default: 0 }),
  optional('limit', 'Entries at most', { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
  optional(
    'cursor',
    'The next_cursor of the page before, with the same sort and filters, and without skip: it holds while entries come',
    { type: 'string' },
  ),
  optional('with_total', 'Count all that match', { type: 'boolean', default: false }),
];

const queries = (parameters: readonly ApiQueryOptions[]): MethodDecorator =>
  applyDecorators(...parameters.map((parameter) => ApiQuery(parameter)));

/** What a page of the log takes. */
export const pageQueries = queries([...PAGING, SORT, ...FILTERS]);
/** What a file of it takes. */
export const exportQueries = queries([SORT, ...FILTERS]);
