import type { ApiQueryOptions } from '@nestjs/swagger';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../../common/pagination.js';
import type { Filter } from '../definition/listing.js';
import type { Resource } from '../definition/resource.js';

type Parameter = ApiQueryOptions & { name: string };

const optional = (name: string, description: string, schema: object, example?: unknown): Parameter => ({
  name,
  required: false,
  description,
  schema,
  ...(example === undefined ? {} : { example }),
});

/** What narrows, searches and sorts a list: of pages and of files alike. */
export function listParameters({ listing }: Resource): Parameter[] {
  const sortable = [...listing.sortable.keys()];
  return [
    optional(
      'sort',
      `By ${sortable.join(', ')}; a - before a name is descending. Ties are broken by id, null is last.`,
      {
        type: 'string',
        default: '-created_at',
      },
    ),
    ...(listing.search.length === 0 ? [] : [searchParameter(listing.search.map(({ wire }) => wire))]),
    optional('is_deleted', 'The deleted instead of the living: needs manage', { type: 'boolean', default: false }),
    ...[...listing.filters.values()].map(filterParameter),
  ];
}

/** What a page adds. */
export const pageParameters = (): Parameter[] => [
  optional('skip', 'Rows to leave out', { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1, default: 0 }),
  optional('limit', 'Rows at most', { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
  optional(
    'cursor',
    'The next_cursor of the page before, with the same sort and filters, and without skip: it holds while rows come and go',
    { type: 'string' },
  ),
  optional('with_total', 'Count all that match', { type: 'boolean', default: false }),
  includeParameter,
];

export const includeParameter = optional('include', 'Adds the name of the owner', { type: 'string', enum: ['owner'] });

const searchParameter = (columns: readonly string[]): Parameter =>
  optional('q', `Part of ${columns.join(', ')}, without regard to case`, {
    type: 'string',
    minLength: 2,
    maxLength: 200,
  });

function filterParameter({ parameter, test, type }: Filter): Parameter {
  switch (test) {
    case 'gte':
      return optional(parameter, 'From this on', type.schema);
    case 'lt':
      return optional(parameter, 'Before this', type.schema);
    case 'tags':
      return optional(parameter, 'Has this tag, or any of several: `a,b`', { type: 'string' });
    case 'flag':
      return optional(parameter, 'Alive and, where there is a status for it, active', type.schema);
    case 'equals':
      return optional(parameter, `This, or any of several: \`a,b\`; \`null\`${wordsOf(type.schema)}`, {
        type: 'string',
      });
  }
}

const wordsOf = (schema: Readonly<Record<string, unknown>>): string =>
  Array.isArray(schema['enum']) ? `. Of ${schema['enum'].join(', ')}` : '';
