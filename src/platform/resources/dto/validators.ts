import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsString,
  IsUUID,
  Max,
  Min,
  MinLength,
  ValidateBy,
} from 'class-validator';
import { writtenBytes } from '../../../common/json.js';
import { isDate, isTime } from '../definition/rfc3339.js';

// What a body's fields are checked by (data-model.md, "Rules for every table"), each with its words for OpenAPI. A field
// that may be left out carries class-validator's `@IsOptional()` as well: whether null clears it, the column says.

const NAME_LENGTH = 200;
const TEXT_LENGTH = 255;
const LONG_LENGTH = 65_536;
const INT4 = 2 ** 31 - 1;
const MAX_TAGS = 50;
const MAX_TAG = 50;
const MAX_FREE_FORM = 65_536;
/** Digits of a phone number (E.164 has at most 15), a `+` and what people write between them. */
const PHONE = /^\+?(?:[ ()./-]*\d){3,15}[ ()./-]*$/;
const WEB_ADDRESS = /^https?:\/\/\S+$/;
const MILLISECONDS = 3;

type Field = PropertyDecorator;
const field = (schema: ApiPropertyOptions, ...checks: Field[]): Field =>
  applyDecorators(ApiProperty(schema), ...checks);

/** A check on a text: what is no text fails it too. */
const textThat = (name: string, holds: (text: string) => boolean, message: string): Field =>
  ValidateBy({
    name,
    validator: { validate: (value) => typeof value === 'string' && holds(value), defaultMessage: () => message },
  });

/** In code points, as PostgreSQL counts: class-validator's own leaves out selectors of a variant, so that a text too long passes. */
const AtMost = (max: number, options: { each?: boolean } = {}): Field =>
  ValidateBy(
    {
      name: 'maxLength',
      validator: {
        validate: (value) => typeof value === 'string' && isAtMost(value, max),
        defaultMessage: () => `must have at most ${String(max)} characters`,
      },
    },
    options,
  );

/** A code point is one or two units of UTF-16: most texts need not be counted. */
function isAtMost(text: string, max: number): boolean {
  if (text.length <= max) return true;
  return text.length <= 2 * max && Array.from(text).length <= max;
}

/** A name, subject or title: not blank, at most 200 characters. */
export const IsName = (maxLength = NAME_LENGTH): Field =>
  field(
    { type: 'string', minLength: 1, maxLength, pattern: '\\S' },
    IsString(),
    AtMost(maxLength),
    textThat('notBlank', (text) => /\S/.test(text), 'must not be blank'),
  );

/** Other text: at most 255 characters. */
export const IsText = (maxLength = TEXT_LENGTH): Field =>
  field({ type: 'string', maxLength }, IsString(), AtMost(maxLength));

/** Text of a form of its own: what has another fails by `name`. */
export const IsTextThat = (
  schema: ApiPropertyOptions & { readonly maxLength: number },
  name: string,
  holds: (text: string) => boolean,
  message: string,
): Field =>
  field(
    { ...schema, type: 'string' } as ApiPropertyOptions,
    IsString(),
    AtMost(schema.maxLength),
    textThat(name, holds, message),
  );

/** A description, content or notes: at most 65,536 characters. */
export const IsLongText = (): Field => IsText(LONG_LENGTH);

/** An address like `ada@example.com`, at most 255 characters unless another number is given. */
export const IsEmailAddress = (maxLength = TEXT_LENGTH): Field =>
  field({ type: 'string', format: 'email', maxLength }, IsString(), AtMost(maxLength), IsEmail());

/** A telephone number as people write it: `+49 30 123456`. */
export const IsPhone = (): Field =>
  field(
    { type: 'string', maxLength: 50, pattern: PHONE.source },
    IsString(),
    AtMost(50),
    textThat('isPhone', (text) => PHONE.test(text), 'must be a telephone number'),
  );

/** An address like `https://example.com/ada.png`: of http or https and nothing else, at most 255 characters. */
export const IsWebAddress = (): Field =>
  field(
    { type: 'string', maxLength: TEXT_LENGTH, pattern: WEB_ADDRESS.source },
    IsString(),
    AtMost(TEXT_LENGTH),
    textThat(
      'isWebAddress',
      (text) => WEB_ADDRESS.test(text) && URL.canParse(text),
      'must be a web address like https://example.com/ada.png',
    ),
  );

/** A decimal number as text, within `numeric(precision, scale)`: nothing is lost on the way through JSON. */
export function IsDecimalText(precision: number, scale: number, { above }: { above?: number } = {}): Field {
  const pattern = new RegExp(`^-?(0|[1-9]\\d{0,${String(precision - scale - 1)}})(\\.\\d{1,${String(scale)}})?$`);
  const example = (1250).toFixed(scale);
  const isAbove = above === undefined ? '' : ` above ${String(above)}`;
  return field(
    { type: 'string', pattern: pattern.source, example },
    textThat(
      'isDecimal',
      (text) => pattern.test(text) && (above === undefined || Number(text) > above),
      `must be a decimal number${isAbove} as text, like "${example}", with at most ${String(scale)} decimals`,
    ),
  );
}

/** An amount of money, `numeric(18,2)`: `"1250.00"`. */
export const IsMoney = (): Field => IsDecimalText(18, 2);

/** A code of ISO 4217 in upper case: `EUR`. */
export const IsCurrencyCode = (): Field =>
  field(
    { type: 'string', minLength: 3, maxLength: 3, pattern: '^[A-Z]{3}$', example: 'EUR' },
    textThat('isCurrency', (text) => /^[A-Z]{3}$/.test(text), 'must be a currency code like EUR'),
  );

export const IsWholeNumber = (min = -INT4 - 1, max = INT4): Field =>
  field({ type: 'integer', minimum: min, maximum: max }, IsInt(), Min(min), Max(max));

/** One of a closed list. */
export const IsOneOf = (values: readonly string[]): Field =>
  field({ type: 'string', enum: [...values] }, IsIn(values, { message: `must be one of ${values.join(', ')}` }));

/** The id of another record. */
export const IsId = (): Field => field({ type: 'string', format: 'uuid' }, IsUUID());

/** The ids of other records. */
export const IsIds = (min: number, max: number): Field =>
  field(
    { type: 'array', minItems: min, maxItems: max, items: { type: 'string', format: 'uuid' } },
    IsArray(),
    ArrayMinSize(min),
    ArrayMaxSize(max),
    IsUUID(undefined, { each: true }),
  );

export const IsFlag = (): Field => field({ type: 'boolean' }, IsBoolean());

/** A time of RFC 3339 with at most milliseconds. */
export const IsTime = (): Field =>
  field(
    { type: 'string', format: 'date-time' },
    textThat('isTime', (text) => isTime(text, MILLISECONDS), 'must be a time like 2026-11-20T15:53:55.120Z'),
  );

/** A day: `2026-11-20`. */
export const IsDay = (): Field =>
  field({ type: 'string', format: 'date' }, textThat('isDate', isDate, 'must be a day like 2026-11-20'));

/** At most 50 texts of 1 to 50 characters. */
export const IsTags = (): Field =>
  field(
    { type: 'array', maxItems: MAX_TAGS, items: { type: 'string', minLength: 1, maxLength: MAX_TAG } },
    IsArray(),
    ArrayMaxSize(MAX_TAGS),
    IsString({ each: true }),
    MinLength(1, { each: true }),
    AtMost(MAX_TAG, { each: true }),
  );

/** Free-form data: an object of at most 64 KiB of JSON, passed through untouched. A page of records has to fit in memory. */
export const IsFreeForm = (): Field =>
  field(
    { type: 'object', additionalProperties: true, description: 'At most 64 KiB of JSON, numbers written out' },
    ValidateBy({
      name: 'isObject',
      validator: { validate: isPlainObject, defaultMessage: () => 'must be an object' },
    }),
    ValidateBy({
      name: 'maxSize',
      validator: {
        validate: (value: unknown) => writtenBytes(value) <= MAX_FREE_FORM,
        defaultMessage: () => `must not take more than ${String(MAX_FREE_FORM)} bytes of JSON`,
      },
    }),
  );

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
