import fc from 'fast-check';
import { type Schema, type Schemas, typesOf } from './schema-values.js';
import { DECIMALS, EDGES, NAUGHTY, TIMES } from './schema-values-naughty.js';

/** What a fuzzer may put where an id belongs: of rows that are there, of the neighbour's, of none. */
export type Ids = readonly string[];

const naughty = fc.constantFrom(...NAUGHTY, ...DECIMALS, ...TIMES);
const json = fc.jsonValue({ maxDepth: 3 });

/** What no schema asks for: operators where scalars belong, other types, nests, numbers at the edge. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  naughty,
  fc.constantFrom<unknown>(
    ...EDGES,
    null,
    true,
    [],
    {},
    [[]],
    [null],
    { $ne: null },
    { $gt: '' },
    { length: 1 },
    { toJSON: 1 },
    { '': '' },
  ),
  json,
  fc.array(naughty, { maxLength: 60 }),
);

/** Values by the schema: most of them fit, some at the very edge, some only nearly. */
export function valuesOf(schemas: Schemas, given: Schema, ids: Ids): fc.Arbitrary<unknown> {
  const schema = schemas.resolve(given);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return fc.oneof(...options.map((option) => valuesOf(schemas, option, ids)));
  return fc.oneof(...typesOf(schema).map((type) => valuesOfType(schemas, schema, type, ids)));
}

function valuesOfType(schemas: Schemas, schema: Schema, type: string, ids: Ids): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 - 1 });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'array':
      return fc.array(valuesOf(schemas, schema.items ?? {}, ids), { maxLength: Math.min(schema.maxItems ?? 6, 6) });
    case 'object':
      return objectsOf(schemas, schema, ids);
    default:
      return textsOf(schema, ids);
  }
}

function objectsOf(schemas: Schemas, { properties, required = [] }: Schema, ids: Ids): fc.Arbitrary<unknown> {
  if (properties === undefined)
    return fc.dictionary(fc.string({ unit: 'binary', maxLength: 12 }), json, { maxKeys: 5 });
  const values = Object.entries(properties).map(([name, schema]) => [name, valuesOf(schemas, schema, ids)] as const);
  return fc.record(Object.fromEntries(values), { requiredKeys: [...required] });
}

function textsOf({ format, pattern, minLength = 0, maxLength = 300 }: Schema, ids: Ids): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.oneof(fc.constantFrom(...ids), fc.uuid());
  if (format === 'date-time' || format === 'date') return fc.constantFrom(...TIMES);
  if (format === 'email') return fc.oneof(fc.emailAddress(), fc.emailAddress(), naughty);
  const longest = Math.min(maxLength, 300);
  const texts = fc.string({
    unit: 'binary',
    minLength: Math.min(minLength, longest),
    maxLength: longest,
    size: 'medium',
  });
  // one that says no more than "not blank" is met by most texts
  if (pattern === undefined || pattern === '\\S') return texts;
  return fc.oneof(
    { weight: 3, arbitrary: fc.stringMatching(new RegExp(pattern)) },
    { weight: 1, arbitrary: fc.constantFrom(...DECIMALS) },
  );
}

/**
 * Bodies like a good one, with values of the schema in a few places, or with something hostile in one; and such as are
 * nothing of the kind.
 */
export function bodiesOf(schemas: Schemas, schema: Schema, ids: Ids, good: unknown): fc.Arbitrary<unknown> {
  const random = valuesOf(schemas, schema, ids);
  const { properties = {} } = itemsOf(schemas, schema);
  const fitting = Object.entries(properties).map(([name, each]) =>
    valuesOf(schemas, each, ids).map((value) => [name, value] as const),
  );
  const some = fc
    .array(fc.oneof(...fitting), { minLength: 1, maxLength: 3 })
    .map((pairs) => setEach(good, Object.fromEntries(pairs)));
  const withFault = fc.tuple(some, hostile, fc.nat()).map(([body, value, at]) => replaceOne(body, value, at));
  return fc.oneof(
    { weight: 6, arbitrary: some },
    { weight: 4, arbitrary: withFault },
    { weight: 1, arbitrary: random },
    { weight: 1, arbitrary: hostile },
  );
}

/** What holds the properties: the body itself, or the items in it. */
function itemsOf(schemas: Schemas, schema: Schema): Schema {
  const body = schemas.resolve(schema);
  const items = body.properties?.['items']?.items;
  return items === undefined ? body : schemas.resolve(items);
}

const setEach = (body: unknown, values: object): unknown => {
  const { items } = body as { items?: unknown };
  return Array.isArray(items)
    ? { items: items.map((item: object) => ({ ...item, ...values })) }
    : { ...(body as object), ...values };
};

/** The body with one of its values, or of those of its items, exchanged. */
function replaceOne(body: unknown, value: unknown, at: number): unknown {
  if (typeof body !== 'object' || body === null) return value;
  const { items } = body as { items?: unknown };
  if (Array.isArray(items) && items.length > 0 && at % 4 !== 0) {
    const which = at % items.length;
    return { items: items.map((item, n) => (n === which ? replaceOne(item, value, at) : (item as unknown))) };
  }
  const names = [...Object.keys(body), 'nonsense'];
  return { ...body, [names[at % names.length] ?? '']: value };
}

/** Texts for a parameter of a URL: such as fit, and the naughty ones. */
export function parametersOf(schemas: Schemas, schema: Schema, ids: Ids): fc.Arbitrary<string> {
  const fitting = valuesOf(schemas, schema, ids).map(String);
  return fc.oneof(
    { weight: 2, arbitrary: fitting },
    { weight: 2, arbitrary: naughty },
    { weight: 1, arbitrary: fc.constantFrom(...ids, ids.join()) },
  );
}
