import { describe, expect, it } from '@jest/globals';
import {
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  validateSync,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { passes } from './quick-check.js';

class Parent {
  @IsString() @MaxLength(5) name: unknown;
  @IsOptional() @IsInt() @Min(0) @Max(9) count?: unknown;
}
class Child extends Parent {
  @IsOptional() @IsIn(['a', 'b']) kind?: unknown;
  @IsOptional() @IsArray() @IsString({ each: true }) @MinLength(1, { each: true }) tags?: unknown;
}
class Nested {
  @ValidateNested() child: Child;
}
class Undeclared {
  name?: unknown;
}

const OPTIONS = { whitelist: true, forbidNonWhitelisted: true };
const value = fc.oneof(
  fc.constantFrom(undefined, null, '', 'a', 'abcdef', 0, 9, 10, 1.5, [], ['x'], [''], [1], {}),
  fc.anything(),
);
const body = fc.record({ name: value, count: value, kind: value, tags: value, other: value }, { requiredKeys: [] });

describe('the quick check of a body', () => {
  it('never passes what class-validator refuses, and passes what it takes', () => {
    fc.assert(
      fc.property(body, (fields) => {
        const instance = Object.assign(new Child(), fields);
        expect(passes(Child, instance)).toBe(validateSync(instance, OPTIONS).length === 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves nested objects and classes without rules to class-validator', () => {
    expect(passes(Nested, Object.assign(new Nested(), { child: Object.assign(new Child(), { name: 'a' }) }))).toBe(
      false,
    );
    expect(passes(Undeclared, new Undeclared())).toBe(false);
  });
});
