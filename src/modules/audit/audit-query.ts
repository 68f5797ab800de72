import { type CursorValue, decodeCursor, encodeCursor } from '../../common/cursor.js';
import { isUuid } from '../../common/ids.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../common/pagination.js';
import { type FieldFault, invalid } from '../../common/problem.js';
import {
  type Condition,
  conditionOf,
  fault,
  readQuery,
  unknownParameter,
  wholeNumber,
} from '../../platform/resources/index.js';
import { AUDIT_FILTERS } from './audit-filters.js';

/** Where an entry stands: by time, and among those of one time by id. */
export interface Position {
  /** RFC 3339 with milliseconds. */
  readonly at: string;
  readonly id: string;
}

/** What a caller wants of the log. */
export interface AuditQuery {
  readonly conditions: readonly Condition[];
  readonly descending: boolean;
  readonly limit: number;
  readonly skip: number;
  /** Where the page before ended. */
  readonly after: Position | undefined;
  readonly withTotal: boolean;
  /** What a cursor is bound to. */
  readonly binding: string;
}

const MAX_SKIP = 2 ** 31 - 1;
const PAGING = new Set(['skip', 'limit', 'cursor', 'with_total']);
/** What has been read so far. */
interface Draft {
  descending: boolean;
  limit: number;
  skip: number | undefined;
  withTotal: boolean;
  cursor: string | undefined;
}

/**
 * Reads the query of the log (api.md, "Lists"). @param query what follows the `?` @param view whose entries are listed:
 * a cursor of another view is not taken
 * @throws ValidationFailed with every parameter that is unknown, doubled or of the wrong type
 */
export function parseAuditQuery(query: string, view: string, mode: 'page' | 'export' = 'page'): AuditQuery {
  const conditions: Condition[] = [];
  const bound: string[] = [];
  const draft: Draft = {
    descending: true,
    limit: DEFAULT_LIMIT,
    skip: undefined,
    withTotal: false,
    cursor: undefined,
  };
  readQuery(query, (name, value) => {
    const filter = AUDIT_FILTERS.get(name);
    if (filter === undefined) {
      const read = mode === 'export' && PAGING.has(name) ? undefined : READERS.get(name);
      return read === undefined ? unknownParameter(name) : read(draft, value);
    }
    const condition = conditionOf(filter, value);
    if (condition === undefined) return fault(name, filter.type.code, filter.type.message);
    conditions.push(condition);
    bound.push(`${name}=${value}`);
    return undefined;
  });
  conditions.sort((a, b) => a.filter.ordinal - b.filter.ordinal);
  const { cursor, skip, ...read } = draft;
  const binding = ['audit_log', view, read.descending ? '-at' : 'at', ...bound.sort()].join('\n');
  if (cursor !== undefined && skip !== undefined)
    throw invalid('cursor', 'cursor_with_skip', 'does not go together with skip');
  const after = cursor === undefined ? undefined : positionOf(cursor, binding);
  return { ...read, conditions, skip: skip ?? 0, after, binding };
}

export const cursorAt = ({ at, id }: Position, { binding }: AuditQuery): string => encodeCursor([at, id], binding);

function positionOf(cursor: string, binding: string): Position {
  const [at, id, ...more] = decodeCursor(cursor, binding) ?? [];
  if (isTime(at) && isUuid(id) && more.length === 0) return { at, id };
  throw invalid('cursor', 'invalid_cursor', 'is not a next_cursor of this list with this sort and these filters');
}

/** Whoever makes a cursor himself can put into it what no entry has. */
const isTime = (value: CursorValue | undefined): value is string =>
  typeof value === 'string' && AUDIT_FILTERS.get('at_lt')?.type.parse(value) !== undefined;

type Reader = (draft: Draft, text: string) => FieldFault | undefined;

/** A map, since names come from the caller: an object would have `constructor`. */
const READERS = new Map<string, Reader>([
  ['skip', wholeNumber<Draft>('skip', 0, MAX_SKIP, (draft, value) => (draft.skip = value))],
  ['limit', wholeNumber<Draft>('limit', 1, MAX_LIMIT, (draft, value) => (draft.limit = value))],
  ['with_total', oneOf('with_total', ['true', 'false'], (draft, value) => (draft.withTotal = value === 'true'))],
  ['sort', oneOf('sort', ['-at', 'at'], (draft, value) => (draft.descending = value === '-at'))],
  ['cursor', (draft, text) => void (draft.cursor = text)],
]);

function oneOf(name: string, texts: readonly string[], set: (draft: Draft, value: string) => void): Reader {
  const wrong = fault(name, 'is_in', `must be one of ${texts.join(', ')}`);
  return (draft, text) => {
    if (!texts.includes(text)) return wrong;
    set(draft, text);
    return undefined;
  };
}
