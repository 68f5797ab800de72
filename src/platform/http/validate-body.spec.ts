import 'reflect-metadata';
import { describe, it, expect } from '@jest/globals';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsEmail,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { Problem } from '../../common/problem.js';
import { checkBody, validateBody } from './validate-body.js';

class Line {
  @IsString()
  sku: string;
  @IsInt()
  amount: number;
}
class Order {
  @MaxLength(5)
  @IsString()
  name: string;
  @IsOptional()
  @IsEmail()
  email?: string | null;
  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;
  @IsOptional()
  @ArrayMaxSize(3)
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines?: Line[];
}

const faults = (value: unknown, prefix?: string): string[] => {
  const checked = checkBody(Order, value, prefix);
  return checked.ok ? [] : checked.faults.map(({ path, code }) => `${path}: ${code}`);
};

describe('checkBody', () => {
  it('makes instances, nested ones included, and keeps free JSON as it came', () => {
    const body = { name: 'a', metadata: { a: [1, { b: null }], 'x-y': '☃' }, lines: [{ sku: 's', amount: 1 }] };
    const value = validateBody(Order, body);
    expect(value).toBeInstanceOf(Order);
    expect(value.lines?.[0]).toBeInstanceOf(Line);
    expect(JSON.parse(JSON.stringify(value))).toEqual(body);
  });
  it('tells what is absent from what is null, and adds no property of its own', () => {
    expect(Object.keys(validateBody(Order, { name: 'a' }))).toEqual(['name']);
    expect(validateBody(Order, { name: 'a', email: null })).toHaveProperty('email', null);
  });

  it.each<[string, unknown, string[]]>([
    ['a wrong type', { name: 1 }, ['name: is_string']],
    ['a number written as text', { name: 'a', lines: [{ sku: 's', amount: '1' }] }, ['lines.0.amount: is_int']],
    ['a length', { name: 'abcdef' }, ['name: max_length']],
    ['a missing field', {}, ['name: required']],
    ['an absent body', undefined, ['name: required']],
    ['an unknown property', { name: 'a', tenant: 1 }, ['tenant: unknown_property']],
    [
      'a nested unknown property',
      { name: 'a', lines: [{ sku: 's', amount: 1, x: 1 }] },
      ['lines.0.x: unknown_property'],
    ],
    ['several at once', { email: 'x', y: 1 }, ['y: unknown_property', 'name: required', 'email: is_email']],
    ['a nested null', { name: 'a', lines: [null] }, ['lines.0: is_object']],
    ['a scalar for a list', { name: 'a', lines: 'x' }, ['lines: is_array']],
    ['an operator for a scalar', { name: { $ne: null } }, ['name: is_string']],
    ['a list too long, without looking through it', { name: 'a', lines: [1, 2, 3, 4] }, ['lines: array_max_size']],
    ['a list', [], [': is_object']],
    ['null', null, [': is_object']],
    ['a scalar', 'x', [': is_object']],
    ['an instance of some class', new Date(), [': is_object']],
  ])('finds %s', (_name, value, expected) => {
    expect(faults(value)).toEqual(expected);
  });

  it('puts the place in a larger body before each path', () => {
    expect(faults({ lines: [{ amount: 1 }] }, 'items.3')).toEqual([
      'items.3.name: required',
      'items.3.lines.0.sku: required',
    ]);
    expect(faults(7, 'items.0')).toEqual(['items.0: is_object']);
  });
  it('says what is wrong without repeating the field or a key of the caller', () => {
    const checked = checkBody(Order, { name: 1, ['k'.repeat(5000)]: 1 });
    expect(checked).toMatchObject({
      faults: [
        { path: 'k'.repeat(100), message: 'is not a known property' },
        { path: 'name', message: 'must be a string' },
      ],
    });
  });
  it('takes no longer for a hundred thousand keys than a few times reading them', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${String(i)}`, 1]));
    const timed = (work: () => void): number => {
      const begun = performance.now();
      work();
      return performance.now() - begun;
    };
    const body = JSON.stringify({ name: 'a', ...many });
    const reading = timed(() => void JSON.parse(body));
    expect(checkBody(Order, { name: 'a', metadata: many }).ok).toBe(true);
    let told: string[] = [];
    const checking = timed(() => (told = faults({ name: 'a', ...many })));
    expect(told).toHaveLength(100);
    expect(checking / reading).toBeLessThan(20);
  });
  it('tells no more than a hundred faults', () => {
    const value = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`p${String(i)}`, 1]));
    expect(faults(value)).toHaveLength(100);
  });
});

describe('validateBody', () => {
  it('throws 422 validation_failed', () => {
    expect(() => validateBody(Order, {})).toThrow(Problem);
    expect(() => validateBody(Order, {})).toThrow(expect.objectContaining({ status: 422, code: 'validation_failed' }));
  });
});
