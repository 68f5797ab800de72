import fc from 'fast-check';
import type { Sent } from '../support/oracles-exchange.js';
import { bodiesOf, parametersOf } from '../support/schema-values-fuzz.js';
import { NAUGHTY } from '../support/schema-values-naughty.js';
import {
  collectionOf,
  isWrite,
  type Operation,
  type Parameter,
  pathParameters,
} from '../support/schema-values-operations.js';
import { IS_WHOLE } from './hostile-input-measure.js';
import type { HostileWorld } from './hostile-input-world.js';
import { recipeOf } from './matrix-recipes.js';
import { isOfPlatform, type Known } from './matrix-rows.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Parameters of a URL at once: the first one at fault hides the others. */
const MAX_PARAMETERS = 4;
/** Records of one's own that requests are about: some of them end. */
const OWN_ROWS = IS_WHOLE ? 12 : 3;

/** As it stands in a URL. What is no text of Unicode cannot be written there. */
export const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

/** The request with one parameter more. */
export const asking = (sent: Sent, name: string, value: string): Sent => ({
  ...sent,
  path: `${sent.path}${sent.path.includes('?') ? '&' : '?'}${encoded(name)}=${encoded(value)}`,
});

/** A request that would do, on a record of its own. */
export async function goodRequest(world: HostileWorld, operation: Operation): Promise<Sent> {
  const known = await world.rows.known(operation, world.makers.own, isWrite(operation));
  const sent = { ...(await requestOf(world, operation, known)), ...(await sessionOf(world, operation)) };
  // one record is enough of a list
  const id = await idOfList(world, operation);
  return id === undefined ? sent : asking(sent, 'id', id);
}

/** The id of a row that a list can be narrowed to; undefined where there is no such list. */
export async function idOfList(world: HostileWorld, operation: Operation): Promise<string | undefined> {
  const isList = operation.parameters.some((one) => one.in === 'query' && one.name === 'id');
  const create = world.rows.createOf(collectionOf(operation));
  if (!isList || create === undefined) return undefined;
  const ids = await world.rows.pathOf(create, world.makers.own);
  return world.rows.row(create.path, world.makers.own, { ids, isFresh: false });
}

/** Many at once: what makes one, and a change of one that is there. */
async function requestOf(world: HostileWorld, operation: Operation, known: Known): Promise<Sent> {
  const sent = world.rows.request(operation, known);
  const create = world.rows.createOf(collectionOf(operation));
  if (!operation.path.endsWith('/bulk') || create?.body === undefined) return sent;
  const made = world.rows.request(create, { ...known, body: {} }).body as object;
  return { ...sent, body: { items: [made, { op: 'update', ...made, id: known.body['id'] }] } };
}

/** Whoever ends a session ends one that nobody else needs. */
async function sessionOf(world: HostileWorld, operation: Operation): Promise<Pick<Sent, 'headers'>> {
  const isExpendable =
    recipeOf(operation).who === 'expendable' ||
    (operation.access.kind === 'signed_in' && isWrite(operation) && !isOfPlatform(operation));
  return isExpendable ? { headers: await world.expendable() } : {};
}

/** Ids of rows that are there, one's own and others', by what they are good for. */
async function idsFor(world: HostileWorld, operation: Operation) {
  const { rows, makers, home, neighbour } = world;
  const last = pathParameters(operation).at(-1)?.name;
  const create = rows.createOf(collectionOf(operation));
  const own: string[] = [];
  for (let n = 0; n < OWN_ROWS; n++) {
    if (last !== undefined) own.push((await rows.pathOf(operation, makers.own, true))[last] ?? '');
    else if (create !== undefined) own.push(await rows.row(create.path, makers.own));
  }
  // the platform's people reach every tenant: those that others need are kept from them
  if (isOfPlatform(operation)) return { own, inPath: own, all: own };
  const foreign =
    last === undefined
      ? create === undefined
        ? []
        : [await rows.row(create.path, makers.foreign, { isFresh: false })]
      : [(await rows.pathOf(operation, makers.foreign))[last] ?? ''];
  const others = [...foreign, neighbour.adminId, neighbour.id];
  // nor does the administrator put an end to himself
  return { own, inPath: [...own, ...others], all: [...own, ...others, home.adminId, home.id] };
}

/** Requests from the operation's schemas, the same ones for the same seed. */
export async function fuzzedRequests(
  world: HostileWorld,
  operation: Operation,
  seed: number,
  numRuns: number,
): Promise<Sent[]> {
  const { parameters, body, method, path } = operation;
  const { schemas } = world.api;
  const known = await world.rows.known(operation, world.makers.own);
  const { own, inPath, all } = await idsFor(world, operation);
  const good = await requestOf(world, operation, known);
  const ids = [...all, ...(all.length === 0 ? [world.makers.own.tenant.adminId] : [])];
  // an id that the body should have is as likely as one that it should not
  const fitting = Object.values(good.body ?? {}).filter((value) => UUID.test(String(value))) as string[];
  const inBody = [...ids, ...ids.flatMap(() => fitting)];
  const requests = fc.record({
    id: fc.oneof(
      ...(own.length > 0 ? [{ weight: 6, arbitrary: fc.constantFrom(...own) }] : []),
      ...(inPath.length > 0 ? [{ weight: 3, arbitrary: fc.constantFrom(...inPath) }] : []),
      { weight: 1, arbitrary: fc.constantFrom(...NAUGHTY) },
    ),
    /** Which of several ids is not the good one: mostly the last. */
    at: fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) }),
    query: queriesOf(
      world,
      parameters.filter((one) => one.in === 'query'),
      ids,
    ),
    body: body === undefined ? fc.constant(undefined) : bodiesOf(schemas, body, inBody, good.body),
  });
  const session = await sessionOf(world, operation);
  const names = pathParameters(operation).map(({ name }) => name);
  return fc.sample(requests, { seed, numRuns }).map((drawn) => {
    const content = drawn.body === undefined ? {} : { body: drawn.body };
    const which = names.at(drawn.at < names.length ? drawn.at : -1);
    const url = names.reduce(
      (part, name) => part.replace(`{${name}}`, encoded(name === which ? drawn.id : (known.path[name] ?? ''))),
      path,
    );
    return drawn.query.reduce<Sent>((sent, [name, value]) => asking(sent, name, value), {
      method,
      path: url,
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
