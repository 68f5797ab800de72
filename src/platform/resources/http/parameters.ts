import type { ApiQueryOptions } from '@nestjs/swagger';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../../common/pagination.js';
import type { Filter, Listing } from '../definition/listing.js';
import type { Resource } from '../definition/resource.js';

type Parameter = ApiQueryOptions & { name: string };
type Schema = Readonly<Record<string, unknown>>;

const optional = (name: string, description: string, schema: Schema): Parameter => ({
  name,
  required: false,
  description,
  schema,
});
/** `a,b`: one parameter with commas, not one for each. */
const severalOf = (name: string, description: string, items: Schema): Parameter => ({
  ...optional(name, description, { type: 'array', minItems: 1, items }),
  style: 'form',
  explode: false,
});

/** What narrows, searches and sorts a list: of pages and of files alike. */
export function listParameters({ listing }: Resource): Parameter[] {
  const { filters, search, sortable } = listing;
  const directions = [...sortable.keys()].flatMap((wire) => [wire, `-${wire}`]);
  const searched = search.map(({ wire }) => wire).join(', ');
  const text = { type: 'string', minLength: 2, maxLength: 200 };
  return [
    severalOf(
      'sort',
      `A - before a name is descending; ${defaultOf(listing)} when left out. Ties are broken by id, null is last.`,
      { type: 'string', enum: directions },
    ),
    ...(searched === '' ? [] : [optional('q', `Part of ${searched}, without regard to case`, text)]),
    ...(listing.searched === undefined ? [] : [optional('q', 'Words that are looked for in the whole text', text)]),
    ...(listing.isRestorable ? [IS_DELETED] : []),
    ...[...filters.values()].map(filterParameter),
  ];
}

const defaultOf = ({ defaultOrder: [first] }: Listing): string =>
  `${first?.descending === true ? '-' : ''}${first?.column.wire ?? 'id'}`;
const IS_DELETED = optional('is_deleted', 'The deleted instead of the living: needs manage', {
  type: 'boolean',
  default: false,
});

/** What a page adds. */
export const pageParameters = (resource: Resource): Parameter[] => [
  optional('skip', 'Rows to leave out', { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1, default: 0 }),
  optional('limit', 'Rows at most', { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
  optional(
    'cursor',
    'The next_cursor of the page before, with the same sort and filters, and without skip: it holds while rows come and go',
    { type: 'string' },
  ),
  optional('with_total', 'Count all that match', { type: 'boolean', default: false }),
  ...includeParameters(resource),
];

/** Of a resource that names people. */
export const includeParameters = ({ people }: Resource): Parameter[] => {
  const names = [...people.keys()];
  if (names.length === 0) return [];
  return [severalOf('include', `Adds the name of the ${names.join(', ')}`, { type: 'string', enum: names })];
};

function filterParameter({ parameter, test, type, description = '' }: Filter): Parameter {
  switch (test) {
    case 'further':
      return severalOf(parameter, description, type.schema);
    case 'equals_lower':
      return severalOf(parameter, 'This, or any of several, without regard to case; `null` for none', type.schema);
    case 'gte':
      return optional(parameter, 'From this on', type.schema);
    case 'lt':
      return optional(parameter, 'Before this', type.schema);
    case 'tags':
      return severalOf(parameter, 'Has this tag, or any of several', type.schema);
    case 'flag':
      return optional(parameter, 'Alive and, where there is a status for it, active', type.schema);
    case 'equals':
      return severalOf(parameter, 'This, or any of several; `null` for none', type.schema);
  }
}
