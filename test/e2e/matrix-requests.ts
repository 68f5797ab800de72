import type { Received, Sent } from '../support/oracles-exchange.js';
import { type Schema, typesOf } from '../support/schema-values.js';
import { isWrite, type Operation, type Parameter } from '../support/schema-values-operations.js';
import type { MatrixWorld } from './matrix-world.js';

/** The path of the collection that a list or a file shows. */
export const listedBy = ({ path }: Operation): string => path.replace(/\.csv$/, '');

/** How many records an answer shows. */
export function rowsShown({ body, text }: Received): number {
  const items = body?.['items'];
  return Array.isArray(items) ? items.length : text.trim().split('\r\n').length - 1;
}

/** All of an answer that may differ from that to the same request at another time. */
export const anonymized = ({ status, headers, body }: Received): unknown => ({
  status,
  headers: { ...headers, date: undefined, 'x-request-id': undefined },
  body: { ...body, request_id: undefined, instance: undefined },
});

/** The properties of a body, or of the items in it, that are ids. */
export function idsInBody(world: MatrixWorld, { body }: Operation): string[] {
  return Object.entries(propertiesOf(world, body)).flatMap(([name, { format }]) => (format === 'uuid' ? [name] : []));
}

function propertiesOf({ api: { schemas } }: MatrixWorld, body: Schema | undefined): Readonly<Record<string, Schema>> {
  if (body === undefined) return {};
  const { properties = {} } = schemas.resolve(body);
  const items = properties['items']?.items;
  return items === undefined ? properties : (schemas.resolve(items).properties ?? {});
}

/** A request with one fault, and what it must be answered. */
export interface BadRequest {
  readonly sent: Sent;
  readonly status: 400 | 422;
}

/** Requests like a good one with one fault each. */
export function badRequests(world: MatrixWorld, operation: Operation, good: Sent): BadRequest[] {
  const { parameters, body } = operation;
  const [path = '', query = ''] = good.path.split('?');
  const asking = (more: string): Sent => ({ ...good, path: `${path}?${query === '' ? '' : `${query}&`}${more}` });
  const queries = parameters.filter((each) => each.in === 'query');
  const bad: BadRequest[] = [{ sent: asking('x=%zz'), status: 400 }];
  const invalid = (sent: Sent): void => {
    bad.push({ sent, status: 422 });
  };
  if (queries.length > 0) invalid(asking('nonsense=1'));
  for (const parameter of queries) {
    const rubbish = rubbishFor(parameter);
    if (rubbish !== undefined) invalid({ ...good, path: replaced(good.path, parameter.name, rubbish) });
  }
  const [id] = parameters.filter((each) => each.in === 'path');
  if (id !== undefined) {
    const at = operation.path.split('/').indexOf(`{${id.name}}`);
    const parts = path.split('/');
    for (const text of ['not-an-id', '%00', 'null', '*']) invalid({ ...good, path: parts.with(at, text).join('/') });
  }
  if (isWrite(operation)) bad.push({ sent: { ...good, body: '{"a":' }, status: 400 });
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

function badBodies(world: MatrixWorld, schema: Schema, good: unknown): unknown[] {
  const { required = [] } = world.api.schemas.resolve(schema);
  const fields = good as Record<string, unknown>;
  const isBulk = Array.isArray(fields['items']);
  const [item] = isBulk ? (fields['items'] as Record<string, unknown>[]) : [fields];
  const whole = (changed: Record<string, unknown>) => (isBulk ? { items: [changed] } : changed);
  const without = required.map((name) => Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name)));
  const wrong = Object.entries(propertiesOf(world, schema)).map(([name, each]) =>
    whole({ ...item, [name]: typesOf(world.api.schemas.resolve(each)).includes('object') ? 'text' : { $ne: null } }),
  );
  return ['null', [], 7, ...without, whole({ ...item, nonsense: 1 }), ...wrong];
}
