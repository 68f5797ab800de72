import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { MAX_PATH_PART } from '../../common/json.js';
import { ValidationFailed, type FieldFault } from '../../common/problem.js';
import { passes } from './quick-check.js';

/** A class whose fields carry class-validator's decorators. */
export type InputClass<T extends object> = new () => T;

export type Checked<T> = { ok: true; value: T } | { ok: false; faults: FieldFault[] };

/** Faults told at once: an answer must not be larger than what it refuses. */
const MAX_FAULTS = 100;

const OPTIONS = {
  whitelist: true,
  forbidNonWhitelisted: true,
  // one fault a field; also what keeps an array that is too long from being looked through
  stopAtFirstError: true,
  validationError: { target: false, value: true },
};

/** Codes that say more than the constraint's name. */
const CODES: Record<string, string> = {
  whitelistValidation: 'unknown_property',
  nestedValidation: 'is_object',
  unknownValue: 'is_object',
  isDefined: 'required',
};
const MESSAGES: Record<string, string> = {
  unknown_property: 'is not a known property',
  required: 'is required',
  is_object: 'must be an object',
};

/**
 * The value as an instance of `type`, or every fault of it. Unknown properties are faults, nothing is converted
 * (`"1"` is no number), an absent body is an empty object. `prefix` is where the value stands in a larger body (`items.3`).
 */
export function checkBody<T extends object>(type: InputClass<T>, value: unknown, prefix = ''): Checked<T> {
  const plain = value === undefined ? {} : value;
  if (!isPlainObject(plain))
    return { ok: false, faults: [{ path: prefix, code: 'is_object', message: MESSAGES.is_object ?? '' }] };
  const instance = instantiate(type, plain);
  if (passes(type, instance)) return { ok: true, value: instance };
  const faults: FieldFault[] = [];
  collect(validateSync(instance, OPTIONS), prefix, faults);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: instance };
}

/**
 * By hand, because plainToInstance takes 25 s for an object of 100,000 keys, and copies free JSON. `@Type` with a class
 * is all of class-transformer that works here: no `@Transform`, no `@Expose`.
 */
function instantiate<T extends object>(type: InputClass<T>, plain: Record<string, unknown>): T {
  const instance = new type();
  const known = knownNames(type);
  let unknown = 0;
  for (const [name, value] of Object.entries(plain)) {
    // class-validator takes a second for 60,000 of them, and no more are told than these
    if (!known.has(name) && ++unknown > MAX_FAULTS) continue;
    const nested = defaultMetadataStorage.findTypeMetadata(type, name)?.typeFunction?.();
    Reflect.set(instance, name, isClass(nested) ? instantiateNested(nested, value) : value);
  }
  return instance;
}

const namesByType = new WeakMap<object, ReadonlySet<string>>();

/** The fields that a class describes. */
function knownNames(type: InputClass<object>): ReadonlySet<string> {
  const found = namesByType.get(type);
  if (found !== undefined) return found;
  const described = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const names = new Set(described.map(({ propertyName }) => propertyName));
  namesByType.set(type, names);
  return names;
}

function instantiateNested(type: InputClass<object>, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => instantiateNested(type, item));
  return isPlainObject(value) ? instantiate(type, value) : value;
}

const isClass = (type: unknown): type is InputClass<object> => typeof type === 'function';

/** @throws ValidationFailed with the faults that checkBody finds */
export function validateBody<T extends object>(type: InputClass<T>, value: unknown, prefix = ''): T {
  const checked = checkBody(type, value, prefix);
  if (!checked.ok) throw ValidationFailed({ errors: checked.faults });
  return checked.value;
}

function collect(errors: ValidationError[], prefix: string, faults: FieldFault[]): void {
  for (const error of errors) {
    if (faults.length >= MAX_FAULTS) return;
    const path = pathOf(prefix, error);
    for (const [constraint, message] of Object.entries(error.constraints ?? {}))
      faults.push(faultOf(path, constraint, message, error));
    collect(error.children ?? [], path, faults);
  }
}

function faultOf(path: string, constraint: string, message: string, { property, value }: ValidationError): FieldFault {
  const isMissing = value === undefined && constraint !== 'unknownValue';
  const code = isMissing ? 'required' : (CODES[constraint] ?? snakeCase(constraint));
  // the path says which field it is
  const plain = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
  return { path, code, message: MESSAGES[code] ?? plain };
}

/** class-validator has no property for a value that no class describes, whatever its types say. */
function pathOf(prefix: string, error: { property?: string }): string {
  if (error.property === undefined) return prefix;
  const part = error.property.slice(0, MAX_PATH_PART);
  return prefix ? `${prefix}.${part}` : part;
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What JSON.parse makes, or the query parser: not an instance of some class. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
