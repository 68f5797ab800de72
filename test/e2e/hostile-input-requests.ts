import fc from 'fast-check';
import type { Sent } from '../support/oracles-exchange.js';
import { bodiesOf, parametersOf } from '../support/schema-values-fuzz.js';
import { NAUGHTY } from '../support/schema-values-naughty.js';
import { isWrite, type Operation, type Parameter } from '../support/schema-values-operations.js';
import type { HostileWorld } from './hostile-input-world.js';

/** Parameters of a URL at once: the first one at fault hides the others. */
const MAX_PARAMETERS = 4;
/** Records of one's own that requests are about: some of them end. */
const OWN_ROWS = 12;

/** As it stands in a URL. What is no text of Unicode cannot be written there. */
export const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

/** The request with one parameter more. */
export const asking = (sent: Sent, name: string, value: string): Sent => ({
  ...sent,
  path: `${sent.path}${sent.path.includes('?') ? '&' : '?'}${encoded(name)}=${encoded(value)}`,
});

/** A request that would do, on a record of its own. */
export async function goodRequest(world: HostileWorld, operation: Operation): Promise<Sent> {
  const { method, parameters } = operation;
  const { schemas } = world.api;
  const hasId = parameters.some((one) => one.in === 'path');
  const path = world.pathOf(operation, hasId ? await world.row(world.collectionOf(operation)) : '');
  const body = await goodBody(world, operation);
  const isList = parameters.some((one) => one.in === 'query' && one.name === 'id');
  // one record is enough of a list
  const known: Record<string, string> = {
    user_id: world.home.adminId,
    ...(isList ? { id: await world.row(world.collectionOf(operation)) } : {}),
  };
  return parameters
    .filter((one) => one.in === 'query' && (one.required || one.name === 'id'))
    .reduce<Sent>((sent, { name, schema }) => asking(sent, name, known[name] ?? String(schemas.sample(schema))), {
      method,
      path,
      ...(body === undefined ? {} : { body }),
      ...(await sessionOf(world, operation)),
    });
}

/** A body that would do. Many at once: what makes one, and a change of one that is there. */
async function goodBody(world: HostileWorld, operation: Operation): Promise<unknown> {
  const { body, bodyExample } = operation;
  const { schemas } = world.api;
  if (body === undefined || bodyExample !== undefined) return bodyExample;
  if (!operation.path.endsWith('/bulk')) return schemas.sample(body);
  const collection = world.collectionOf(operation);
  const create = world.creates.find(({ path }) => path === collection)?.body;
  const made = create === undefined ? {} : (schemas.sample(create) as object);
  return { items: [made, { op: 'update', id: await world.row(collection), ...made }] };
}

/** Whoever ends a session ends one that nobody else needs. */
async function sessionOf({ app }: HostileWorld, operation: Operation): Promise<Pick<Sent, 'headers'>> {
  const endsSessions = operation.access.kind === 'signed_in' && isWrite(operation);
  return endsSessions ? { headers: (await app.signIn('editor@testcorp.com')).headers } : {};
}

/** Requests from the operation's schemas, the same ones for the same seed. */
export async function fuzzedRequests(
  world: HostileWorld,
  operation: Operation,
  seed: number,
  numRuns: number,
): Promise<Sent[]> {
  const { parameters, body, method } = operation;
  const { schemas } = world.api;
  const collection = world.collectionOf(operation);
  const own: string[] = [];
  for (let n = 0; world.canMake(collection) && n < OWN_ROWS; n++) own.push(await world.row(collection));
  const foreign = world.canMake(collection) ? [await world.row(collection, 'foreign')] : [];
  const ids = [...own, ...foreign, world.home.adminId, world.neighbour.adminId, world.home.id, world.neighbour.id];
  const requests = fc.record({
    id: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...own, ...foreign, world.home.id) },
      fc.constantFrom(...ids),
      fc.constantFrom(...NAUGHTY),
    ),
    query: queriesOf(
      world,
      parameters.filter((one) => one.in === 'query'),
      ids,
    ),
    body: body === undefined ? fc.constant(undefined) : bodiesOf(schemas, body, ids, await goodBody(world, operation)),
  });
  const session = await sessionOf(world, operation);
  return fc.sample(requests, { seed, numRuns }).map((drawn) => {
    const content = drawn.body === undefined ? {} : { body: drawn.body };
    const path = world.pathOf(operation, encoded(drawn.id));
    return drawn.query.reduce<Sent>((sent, [name, value]) => asking(sent, name, value), {
      method,
      path,
      ...content,
      ...session,
    });
  });
}

/** A few parameters, and always those that are required: mostly as they should be. */
function queriesOf(world: HostileWorld, parameters: Parameter[], ids: string[]): fc.Arbitrary<[string, string][]> {
  const { schemas } = world.api;
  const pairs = (chosen: readonly Parameter[], good: number) =>
    fc.tuple(
      ...chosen.map(({ name, schema }) => {
        const value = name === 'user_id' ? world.home.adminId : String(schemas.sample(schema));
        return fc
          .oneof(
            { weight: good, arbitrary: fc.constant(value) },
            { weight: 1, arbitrary: parametersOf(schemas, schema, ids) },
          )
          .map((text): [string, string] => [name, text]);
      }),
    );
  const optional = parameters.filter((one) => !one.required);
  return fc
    .subarray(optional, { maxLength: Math.min(MAX_PARAMETERS, optional.length) })
    .chain((chosen) =>
      fc.tuple(
        pairs(
          parameters.filter((one) => one.required),
          3,
        ),
        pairs(chosen, 0),
      ),
    )
    .map(([required, others]) => [...required, ...others]);
}
