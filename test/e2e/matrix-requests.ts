import type { Written } from '../support/changes.js';
import { describeChange } from '../support/oracles-audit.js';
import type { Received, Sent } from '../support/oracles-exchange.js';
import { type Schema, typesOf } from '../support/schema-values.js';
import { isWrite, type Operation, type Parameter, pathParameters } from '../support/schema-values-operations.js';
import { KEPT_OF_A_REFUSAL } from './matrix-recipes.js';
import type { Known } from './matrix-rows.js';
import type { MatrixWorld } from './matrix-world.js';

/** How many records an answer shows. */
export function rowsShown({ body, text }: Received): number {
  const items = body?.['items'];
  return Array.isArray(items) ? items.length : text.trim().split('\r\n').length - 1;
}

/** What was stored though every request was refused. That it was refused may be told. */
export const storedOfRefusal = ({ changes, entries }: Written): string[] => [
  ...changes.filter(({ table }) => !(table in KEPT_OF_A_REFUSAL)).map(describeChange),
  ...entries.filter(({ outcome }) => outcome === 'ok').map(({ action, resource }) => `entry: ${action} of ${resource}`),
];

/** All of an answer that may differ from that to the same request at another time. */
export const anonymized = ({ status, headers, body }: Received): unknown => ({
  status,
  headers: { ...headers, date: undefined, 'x-request-id': undefined },
  body: { ...body, request_id: undefined, instance: undefined },
});

/** The properties of a body, or of the items in it, that are ids or lists of ids. */
export function idsInBody({ rows, api: { schemas } }: MatrixWorld, { body }: Operation): string[] {
  return Object.entries(rows.shapeOf(body).properties).flatMap(([name, given]) => {
    const { format, items = {} } = schemas.resolve(given);
    return format === 'uuid' || schemas.resolve(items).format === 'uuid' ? [name] : [];
  });
}

/** A body of no more than it has to hold, and this id. */
export function withForeignId(
  { rows, api: { schemas } }: MatrixWorld,
  operation: Operation,
  known: Known,
  name: string,
  id: string,
): Sent {
  const { properties, required } = rows.shapeOf(operation.body);
  const isList = schemas.resolve(properties[name] ?? {}).items !== undefined;
  const needed = Object.entries(known.body).filter(
    ([each, value]) => required.includes(each) || each === 'id' || value === undefined,
  );
  return rows.request(operation, { ...known, body: { ...Object.fromEntries(needed), [name]: isList ? [id] : id } });
}

/** A request with one fault, and what it must be answered. */
export interface BadRequest {
  readonly sent: Sent;
  readonly status: readonly number[];
}

/** Requests like a good one with one fault each. */
export function badRequests(world: MatrixWorld, operation: Operation, good: Sent): BadRequest[] {
  const { parameters, body, access } = operation;
  const [path = '', query = ''] = good.path.split('?');
  const asking = (more: string): Sent => ({ ...good, path: `${path}?${query === '' ? '' : `${query}&`}${more}` });
  const queries = parameters.filter((each) => each.in === 'query');
  const bad: BadRequest[] = [{ sent: asking('x=%zz'), status: [400] }];
  const invalid = (sent: Sent, ...more: number[]): void => {
    bad.push({ sent, status: [422, ...more] });
  };
  if (queries.length > 0) invalid(asking('nonsense=1'));
  for (const parameter of queries) {
    const rubbish = rubbishFor(parameter);
    if (rubbish !== undefined) invalid({ ...good, path: replaced(good.path, parameter.name, rubbish) });
  }
  for (const { name } of pathParameters(operation).filter(({ schema: { format } }) => format === 'uuid')) {
    const at = operation.path.split('/').indexOf(`{${name}}`);
    // what names no tenant of the caller's is refused before it is looked at
    const isTenant = access.tenant === 'path' && operation.path.split('/')[at - 1] === 'tenants';
    for (const text of ['not-an-id', '%00', 'null', '*'])
      invalid({ ...good, path: path.split('/').with(at, text).join('/') }, ...(isTenant ? [404] : []));
  }
  if (isWrite(operation)) bad.push({ sent: { ...good, body: '{"a":' }, status: [400] });
  if (body !== undefined) for (const wrong of badBodies(world, body, good.body)) invalid({ ...good, body: wrong });
  return bad;
}

function replaced(path: string, name: string, value: string): string {
  const url = new URL(path, 'http://x');
  url.searchParams.set(name, value);
  return url.pathname + url.search;
}

/** What a parameter cannot mean; undefined for one that any text will do for. */
function rubbishFor({ schema }: Parameter): string | undefined {
  const [type] = typesOf(schema);
  if (type === 'integer' || type === 'number') return '1.5.2';
  if (type === 'boolean') return 'yes';
  return schema.enum !== undefined || schema.format !== undefined || schema.pattern !== undefined
    ? 'rubbish!'
    : undefined;
}

function badBodies({ api: { schemas }, rows }: MatrixWorld, schema: Schema, good: unknown): unknown[] {
  const { required = [] } = schemas.resolve(schema);
  const fields = good as Record<string, unknown>;
  const isBulk = Array.isArray(fields['items']);
  const [item] = isBulk ? (fields['items'] as Record<string, unknown>[]) : [fields];
  const whole = (changed: Record<string, unknown>) => (isBulk ? { items: [changed] } : changed);
  const without = required.map((name) => Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name)));
  const wrong = Object.entries(rows.shapeOf(schema).properties).flatMap(([name, each]) =>
    WRONG.filter((value) => schemas.faults(each, value).length > 0)
      .slice(0, 1)
      .map((value) => whole({ ...item, [name]: value })),
  );
  return ['null', [], 7, ...without, whole({ ...item, nonsense: 1 }), ...wrong];
}

/** Of these, the first one that a property does not take. */
const WRONG: readonly unknown[] = [{ $ne: null }, 'text', 7, [7], true];
