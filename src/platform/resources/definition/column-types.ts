import { isUuid } from '../../../common/ids.js';
import { isDate, isTime } from './rfc3339.js';

export type ColumnKind = 'uuid' | 'text' | 'integer' | 'numeric' | 'boolean' | 'time' | 'date' | 'json';

/** What resources know of a PostgreSQL type. */
export interface ColumnType {
  readonly kind: ColumnKind;
  /** The type of a parameter: without a length, so that a text that is too long is refused and not cut. */
  readonly sql: string;
  /** Whether it has `_gte` and `_lt`. */
  readonly ranged: boolean;
  /** The value that a text of a query stands for, ready to be bound; undefined when it stands for none. */
  readonly parse: (text: string) => string | number | boolean | undefined;
  /** What is told of a text that stands for no value. */
  readonly code: string;
  readonly message: string;
  /** In the words of OpenAPI 3.0. */
  readonly schema: Readonly<Record<string, unknown>>;
}

const INT4 = 2 ** 31;
/** What JavaScript counts exactly. */
const INT8 = Number.MAX_SAFE_INTEGER;
const INT2 = 2 ** 15;
/** Digits of a number in a query: more than any column has. */
const NUMBER = /^-?\d{1,40}(\.\d{1,40})?$/;
/** Of a second's fraction in a query: what other systems write. */
const FRACTION_DIGITS = 9;
const LONG_TEXT = 65_536;

const when = (holds: (text: string) => boolean) => (text: string) => (holds(text) ? text : undefined);

const uuid: ColumnType = {
  kind: 'uuid',
  sql: 'uuid',
  ranged: false,
  parse: (text) => (isUuid(text) ? text.toLowerCase() : undefined),
  code: 'is_uuid',
  message: 'must be a UUID',
  schema: { type: 'string', format: 'uuid' },
};
const text = (maxLength: number, sql = 'text'): ColumnType => ({
  kind: 'text',
  sql,
  ranged: false,
  parse: (value) => value,
  code: 'is_string',
  message: 'must be a text',
  schema: { type: 'string', maxLength },
});
const integer = (limit: number, sql: string): ColumnType => ({
  kind: 'integer',
  sql,
  ranged: true,
  parse: (value) => {
    const number = /^-?\d{1,16}$/.test(value) ? Number(value) : NaN;
    return number >= -limit && number < limit ? number : undefined;
  },
  code: 'is_int',
  message: `must be a whole number from ${String(-limit)} to ${String(limit - 1)}`,
  schema: { type: 'integer', minimum: -limit, maximum: limit - 1 },
});
const numeric: ColumnType = {
  kind: 'numeric',
  sql: 'numeric',
  ranged: true,
  parse: when((value) => NUMBER.test(value)),
  code: 'is_decimal',
  message: 'must be a decimal number like 1250.00',
  schema: { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' },
};
const boolean: ColumnType = {
  kind: 'boolean',
  sql: 'boolean',
  ranged: false,
  parse: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
  code: 'is_boolean',
  message: 'must be true or false',
  schema: { type: 'boolean' },
};
const time: ColumnType = {
  kind: 'time',
  sql: 'timestamptz',
  ranged: true,
  parse: when((value) => isTime(value, FRACTION_DIGITS)),
  code: 'is_time',
  message: 'must be a time of RFC 3339 like 2026-11-20T15:53:55.120Z (a + is written %2B)',
  schema: { type: 'string', format: 'date-time' },
};
const date: ColumnType = {
  kind: 'date',
  sql: 'date',
  ranged: true,
  parse: when(isDate),
  code: 'is_date',
  message: 'must be a day like 2026-11-20',
  schema: { type: 'string', format: 'date' },
};
const json: ColumnType = {
  kind: 'json',
  sql: 'jsonb',
  ranged: false,
  parse: () => undefined,
  code: 'is_json',
  message: 'cannot be filtered by',
  schema: { type: 'object', additionalProperties: true },
};

const TYPE = /^([a-z]+\d?)(?:\((\d+)(?:,\s*\d+)?\))?$/;

/** What is known of a type as MikroORM writes it (`varchar(200)`, `timestamptz(3)`); undefined for one that resources do not handle. */
export function columnTypeOf(columnType: string): ColumnType | undefined {
  const [, name, length] = TYPE.exec(columnType) ?? [];
  switch (name) {
    case 'uuid':
      return uuid;
    case 'text':
      return text(LONG_TEXT);
    case 'varchar':
      return text(Number(length ?? LONG_TEXT));
    case 'char':
      return text(Number(length ?? 1), 'bpchar');
    case 'int':
    case 'integer':
      return integer(INT4, 'int4');
    case 'bigint':
      return integer(INT8, 'int8');
    case 'smallint':
      return integer(INT2, 'int2');
    case 'numeric':
      return numeric;
    case 'boolean':
    case 'bool':
      return boolean;
    case 'timestamptz':
      return time;
    case 'date':
      return date;
    case 'jsonb':
      return json;
    default:
      return undefined;
  }
}

/** A column whose check allows a closed list of texts. */
export function oneOfType(base: ColumnType, values: readonly string[]): ColumnType {
  const known = new Set(values);
  return {
    ...base,
    parse: when((value) => known.has(value)),
    code: 'is_in',
    message: `must be one of ${values.join(', ')}`,
    schema: { type: 'string', enum: [...values] },
  };
}
