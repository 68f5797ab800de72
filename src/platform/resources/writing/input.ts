import { isUuid } from '../../../common/ids.js';
import { TenantMismatch, ValidationFailed, type FieldFault } from '../../../common/problem.js';
import { checkBody, type InputClass, validateBody } from '../../http/index.js';
import { currentScope } from '../../tenancy/index.js';
import { faultOfFirst } from '../definition/machine.js';
import type { Resource } from '../definition/resource.js';

/** What a body sets, by wire name: validated, and every name a column that may be set. */
export type Input = Readonly<Record<string, unknown>>;

/** An input, or all that is wrong with it. */
export type CheckedInput =
  { readonly ok: true; readonly input: Input } | { readonly ok: false; readonly faults: FieldFault[] };

/**
 * What POST makes of a body. @param prefix where the body stands in a larger one (`items.3`)
 * @throws TenantMismatch for a body that names another tenant: that refusal comes before those of the other fields
 */
export function checkCreate(resource: Resource, body: unknown, prefix = ''): CheckedInput {
  refuseOtherTenant(body);
  const checked = checkBody(classOf(resource.create), body, prefix);
  if (!checked.ok) return checked;
  const { tenant_id: _, ...input } = given(checked.value);
  const steps = resource.machines.map((machine) => faultOfFirst(machine, input[machine.column.wire]));
  return judged(input, [...steps.filter((fault) => fault !== undefined), ...faultsOfNull(resource, input)], prefix);
}

/**
 * The body of a POST that makes no record: of a class of its own, which may have `tenant_id`.
 * @throws TenantMismatch, ValidationFailed
 */
export function postedInput<Body extends object>(type: InputClass<Body>, body: unknown): Body {
  refuseOtherTenant(body);
  return validateBody(type, body);
}

/** What PATCH makes of a body: what is absent stays, null clears. */
export function checkUpdate(resource: Resource, body: unknown, prefix = ''): CheckedInput {
  const checked = checkBody(classOf(resource.update), body, prefix);
  if (!checked.ok) return checked;
  const input = given(checked.value);
  return judged(input, faultsOfNull(resource, input), prefix);
}

/** @throws ValidationFailed with the faults */
export function inputOf(checked: CheckedInput): Input {
  if (!checked.ok) throw ValidationFailed({ errors: checked.faults });
  return checked.input;
}

function refuseOtherTenant(body: unknown): void {
  if (typeof body !== 'object' || body === null || !('tenant_id' in body)) return;
  const { tenant_id: named } = body;
  const { placement } = currentScope();
  if (placement !== undefined && isUuid(named) && named.toLowerCase() !== placement.organizationId)
    throw TenantMismatch();
}

function classOf(input: InputClass<object> | undefined): InputClass<object> {
  if (input === undefined) throw new Error('the resource has no class for what is sent');
  return input;
}

/** The fields of a validated body that are there. */
const given = (body: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));

/** `@IsOptional()` lets null pass; whether it may clear the field, the table says. */
const faultsOfNull = ({ writable }: Resource, input: Input): FieldFault[] =>
  Object.entries(input)
    .filter(([wire, value]) => value === null && writable.get(wire)?.nullable === false)
    .map(([path]) => ({ path, code: 'not_null', message: 'must not be null' }));

const judged = (input: Input, faults: FieldFault[], prefix: string): CheckedInput =>
  faults.length === 0 ? { ok: true, input } : { ok: false, faults: faults.map((fault) => placed(fault, prefix)) };

/** The fault with where its body stands in a larger one. */
const placed = (fault: FieldFault, prefix: string): FieldFault =>
  prefix === '' ? fault : { ...fault, path: `${prefix}.${fault.path}` };
