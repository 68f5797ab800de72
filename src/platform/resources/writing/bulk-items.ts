import { isUuid } from '../../../common/ids.js';
import { ValidationFailed, type FieldFault } from '../../../common/problem.js';
import type { Resource } from '../definition/resource.js';
import { checkCreate, checkUpdate, type Input } from './input.js';

export type BulkOperation = 'create' | 'update' | 'delete';

/** One of many writes that are done together or not at all. */
export type BulkItem =
  | { readonly op: 'create'; readonly input: Input }
  | { readonly op: 'update'; readonly id: string; readonly version: number | undefined; readonly input: Input }
  | { readonly op: 'delete'; readonly id: string; readonly version: number | undefined };

/** An item whose operation is known, not yet judged. */
export interface RawItem {
  readonly op: BulkOperation;
  readonly id: unknown;
  readonly version: unknown;
  readonly body: Readonly<Record<string, unknown>>;
}

const MAX_ITEMS = 500;
/** Faults told at once. */
const MAX_FAULTS = 100;
const OPERATIONS: readonly string[] = ['create', 'update', 'delete'] satisfies BulkOperation[];
const isOperation = (op: unknown): op is BulkOperation => typeof op === 'string' && OPERATIONS.includes(op);

/**
 * The items of `{items: [{op?, id?, version?, …}]}`. Without an `op`, one with an `id` is an update and any other a create.
 * @throws ValidationFailed for a body that is none, and for operations that are none
 */
export function readItems(body: unknown): RawItem[] {
  const { items, ...others } = isObject(body) ? body : {};
  const faults: FieldFault[] = Object.keys(others).map((name) => unknownProperty(name));
  if (!Array.isArray(items) || items.length === 0 || items.length > MAX_ITEMS)
    faults.push({ path: 'items', code: 'is_array', message: `must be a list of 1 to ${String(MAX_ITEMS)} items` });
  refuse(faults);
  const read: RawItem[] = [];
  for (const [at, item] of (items as unknown[]).entries()) {
    const { op, id, version, ...rest } = isObject(item) ? item : { op: null };
    const operation = op ?? (id === undefined ? 'create' : 'update');
    if (!isObject(item)) faults.push({ path: pathTo(at), code: 'is_object', message: 'must be an object' });
    else if (op === null || !isOperation(operation))
      faults.push({ path: pathTo(at, 'op'), code: 'is_in', message: `must be one of ${OPERATIONS.join(', ')}` });
    else read.push({ op: operation, id, version, body: rest });
  }
  refuse(faults);
  return read;
}

/** @throws ValidationFailed with the faults of all items */
export function checkItems(resource: Resource, items: readonly RawItem[]): BulkItem[] {
  const faults: FieldFault[] = [];
  const checked: BulkItem[] = [];
  for (const [at, item] of items.entries()) {
    const result = checkItem(resource, item, at);
    if (Array.isArray(result)) faults.push(...result);
    else checked.push(result);
    if (faults.length >= MAX_FAULTS) break;
  }
  refuse(faults);
  return checked;
}

export const pathTo = (at: number, field?: string): string =>
  field === undefined ? `items.${String(at)}` : `items.${String(at)}.${field}`;

function checkItem(resource: Resource, { op, id, version, body }: RawItem, at: number): BulkItem | FieldFault[] {
  const faults = faultsOfKeys(op, id, version, at);
  const prefix = pathTo(at);
  if (op === 'delete') faults.push(...Object.keys(body).map((name) => unknownProperty(pathTo(at, name))));
  const checked =
    op === 'delete'
      ? undefined
      : op === 'create'
        ? checkCreate(resource, body, prefix)
        : checkUpdate(resource, body, prefix);
  if (checked?.ok === false) faults.push(...checked.faults);
  if (faults.length > 0) return faults;
  const input = checked?.ok === true ? checked.input : {};
  if (op === 'create') return { op, input };
  const record = { id: String(id).toLowerCase(), version: typeof version === 'number' ? version : undefined };
  return op === 'delete' ? { op, ...record } : { op, ...record, input };
}

function faultsOfKeys(op: BulkOperation, id: unknown, version: unknown, at: number): FieldFault[] {
  const faults: FieldFault[] = [];
  if (op === 'create') {
    if (id !== undefined) faults.push(unknownProperty(pathTo(at, 'id')));
    if (version !== undefined) faults.push(unknownProperty(pathTo(at, 'version')));
    return faults;
  }
  if (!isUuid(id))
    faults.push({ path: pathTo(at, 'id'), code: id === undefined ? 'required' : 'is_uuid', message: 'must be a UUID' });
  if (version !== undefined && !isVersion(version))
    faults.push({ path: pathTo(at, 'version'), code: 'is_int', message: 'must be a version of the record' });
  return faults;
}

const isVersion = (version: unknown): boolean =>
  typeof version === 'number' && Number.isInteger(version) && version > 0 && version < 2 ** 31;
const unknownProperty = (path: string): FieldFault => ({
  path: path.slice(0, 200),
  code: 'unknown_property',
  message: 'is not a known property',
});
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refuse(faults: FieldFault[]): void {
  if (faults.length > 0) throw ValidationFailed({ errors: faults.slice(0, MAX_FAULTS) });
}
