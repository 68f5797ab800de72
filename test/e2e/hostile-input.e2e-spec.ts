import { afterAll, describe, expect, it } from '@jest/globals';
import { faultsOfConnections } from '../support/oracles.js';
import { hangUp, type Sent } from '../support/oracles-exchange.js';
import { type Schema, typesOf } from '../support/schema-values.js';
import { DECIMALS, EDGES, NAUGHTY, TIMES } from '../support/schema-values-naughty.js';
import { isWrite, type Operation } from '../support/schema-values-operations.js';
import { forgedCursors } from './hostile-input-cursors.js';
import {
  CURSORS,
  PARAMETERS,
  pathVariants,
  RAW_BODIES,
  SORTS,
  withHeaders,
  wrongTypes,
} from './hostile-input-lists.js';
import { IS_WHOLE, part, RUNS, RUNS_OF_SIGN_IN, SEED } from './hostile-input-measure.js';
import { asking, fuzzedRequests, goodRequest, idOfList } from './hostile-input-requests.js';
import { speak, wireCases } from './hostile-input-socket.js';
import { HostileWorld } from './hostile-input-world.js';
import { BOUND, COSTLY, recipeOf } from './matrix-recipes.js';

/** Milliseconds that the requests of one test may take together on a busy machine. */
const LONG = 120_000;

/** Of lists that no handler sees, as many parts as operations share them among. */
const PARTS = 12;

const world = await HostileWorld.start();
const { schemas } = world.api;
const operations = world.api.operations.filter((operation) => !('fuzz' in (recipeOf(operation).without ?? {})));
/** Each with its turn: which part of a list is its own. */
const named = (some: readonly Operation[]) =>
  some
    .filter((operation) => operations.includes(operation))
    .map((operation, turn) => [operation.id, operation, turn] as const);
const lists = operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'sort'));
const isResource = ({ access }: Operation): boolean => access.kind === 'permission';

/** Whether any text will do. */
function isFreeText([name, given]: readonly [string, Schema]): boolean {
  const schema = schemas.resolve(given);
  const { format, enum: list, pattern = '\\S' } = schema;
  return !BOUND.has(name) && typesOf(schema).includes('string') && !format && !list && pattern === '\\S';
}

afterAll(async () => {
  hangUp();
  await world.app.close();
});

describe(`fuzzed from its schemas (FUZZ_SEED=${String(SEED)} FUZZ_RUNS=${String(RUNS)})`, () => {
  it.each(named(operations))(
    '%s holds',
    async (_, operation) => {
      const runs = operation.access.kind === 'public' ? RUNS_OF_SIGN_IN : RUNS;
      const requests = await fuzzedRequests(world, operation, SEED, runs);
      // writes one after the other: what was accepted is read again before the next change
      const answered = await world.attack(operation, requests, isWrite(operation) ? 1 : undefined);
      expect(answered).toHaveLength(runs);
      // else the generators have lost touch with what the operation takes
      const accepted = answered.filter(({ received }) => received.status < 300).length;
      if (IS_WHOLE && isResource(operation)) expect(accepted).toBeGreaterThan(0);
    },
    LONG,
  );
});

describe('naughty values', () => {
  const VALUES: readonly unknown[] = [
    ...NAUGHTY,
    ...DECIMALS,
    ...TIMES,
    ...EDGES,
    ...EDGES.map(String),
    null,
    true,
    [],
    {},
    [[]],
    { $ne: null },
  ];
  const DEEP = NAUGHTY.flatMap((value) => [
    { metadata: { [value]: [value, { [value]: value }] } },
    { tags: [value, `${value}.`] },
    { [value]: value },
  ]);

  it.each(named(world.creates))(
    'come back from %s as they were, or are refused',
    async (_, operation, turn) => {
      const { rows, makers } = world;
      const known = await rows.known(operation, makers.own);
      const fields = Object.keys(rows.shapeOf(operation.body).properties);
      /** With another code, name or address each time. */
      const other = async (changed: object): Promise<Sent> => {
        const sent = rows.request(
          operation,
          { ...known, body: await rows.bodyOf(operation, makers.own, false) },
          COSTLY,
        );
        return { ...sent, body: { ...(sent.body as object), ...changed } };
      };
      const one = VALUES.flatMap((value, n) =>
        fields
          .filter((_, at) => (IS_WHOLE ? (n + at) % 3 === 0 : (n + turn) % fields.length === at))
          .map((name) => ({ [name]: value })),
      );
      const deep = DEEP.filter((each) =>
        Object.keys(each).every((name) => !/^(metadata|tags)$/.test(name) || fields.includes(name)),
      );
      const requests: Sent[] = [];
      for (const changed of [...part(one, turn, 2), ...part(deep, turn, 5)]) requests.push(await other(changed));
      const answered = await world.attack(operation, requests);
      const accepted = answered.filter(({ received }) => received.status === 201);
      // what is no harm to anybody is taken
      const texts = Object.entries(rows.shapeOf(operation.body).properties).filter(isFreeText);
      if (IS_WHOLE && texts.length > 0) expect(accepted.length).toBeGreaterThan(NAUGHTY.length * texts.length * 0.2);
      expect(answered.length - accepted.length).toBeGreaterThan(fields.length);
    },
    LONG,
  );

  it.each(named(lists))(
    'find nothing else by %s, wherever they stand',
    async (_, operation, turn) => {
      const known = await world.rows.known(operation, world.makers.own);
      const list = world.rows.request(operation, known);
      // one record is enough of it
      const id = await idOfList(world, operation);
      const one = id === undefined ? list : asking(list, 'id', id);
      const ask = (name: string, value: string) => asking(name === 'id' ? list : one, name, value);
      const names = operation.parameters.filter((each) => each.in === 'query').map(({ name }) => name);
      const times = names
        .filter((name) => /_(at|on)(_|$)/.test(name))
        .flatMap((name) => TIMES.map((value) => ask(name, value)));
      const all = names.flatMap((name, at) =>
        NAUGHTY.filter((_, n) => (n + at) % 3 === 0).map((value) => ask(name, value)),
      );
      const numbers = names.flatMap((name) =>
        [...DECIMALS, ...EDGES.map(String)].filter((_, n) => n % 4 === 0).map((value) => ask(name, value)),
      );
      const sorts = SORTS.map((value) => ask('sort', value));
      const cursors = CURSORS.map((value) => ask('cursor', value));
      const forged = await forgedCursors(world, operation, list, turn);
      await world.attack(operation, forged);
      const unknown = await world.attack(
        operation,
        part(PARAMETERS, turn, 4).map((name) => ask(name, 'x')),
      );
      expect(unknown.filter(({ received }) => received.status !== 422).map(({ sent }) => sent.path)).toEqual([]);
      await world.attack(operation, [
        ...part([...times, ...all, ...numbers], turn, 17),
        ...part([...sorts, ...cursors], turn, 4),
      ]);
    },
    LONG,
  );
});

describe('bodies that are none', () => {
  it.each(named(operations.filter(({ body }) => body !== undefined)))(
    'are refused by %s before anything is stored',
    async (_, operation, turn) => {
      const sent = await goodRequest(world, operation);
      const answered = await world.attack(
        operation,
        part(RAW_BODIES, turn, PARTS).map((body) => ({ ...sent, body })),
      );
      // a change of nothing is none
      const allowed = world.rows.shapeOf(operation.body).required.length === 0 ? ['', '{}'] : [];
      const taken = answered.filter(({ received }) => received.status < 300).map((each) => String(each.sent.body));
      expect(taken.filter((body) => !allowed.includes(body))).toEqual([]);
    },
    LONG,
  );

  it.each(named(operations.filter(({ body }) => body === undefined)))(
    'do no harm to %s, which takes none',
    async (_, operation, turn) => {
      const sent = await goodRequest(world, operation);
      await world.attack(
        operation,
        part(RAW_BODIES, turn, 4 * PARTS).map((body) => ({ ...sent, body })),
      );
    },
    LONG,
  );

  it.each(named(operations.filter(({ body }) => body !== undefined)))(
    'of another type are refused by %s',
    async (_, operation, turn) => {
      const answered = await world.attack(
        operation,
        part(wrongTypes(await goodRequest(world, operation)), turn, PARTS),
      );
      // JSON is UTF-8, whatever the head says of it
      const taken = answered.filter(
        ({ sent, received }) =>
          received.status !== 415 && !/^application\/json;/.test(String(sent.headers?.['content-type'])),
      );
      expect(taken.map(({ sent }) => sent.headers)).toEqual([]);
    },
  );
});

describe('paths', () => {
  it.each(named(operations))('written in another way than that of %s lead nowhere', async (_, operation, turn) => {
    const sent = await goodRequest(world, operation);
    const variants = part(pathVariants(sent.path.split('?')[0] ?? ''), turn, PARTS);
    const answered = await world.attack(
      operation,
      variants.map((path) => ({ ...sent, path })),
      1,
    );
    const passed = answered.filter(({ received, sent }) => received.status < 400 && !sent.path.includes('?'));
    expect(passed.map(({ sent }) => sent.path)).toEqual([]);
  });
});

describe('heads', () => {
  it.each(named(operations.filter(isResource)))(
    'that nobody should send do no harm to %s',
    async (_, operation, turn) => {
      await world.attack(operation, part(withHeaders(await goodRequest(world, operation)), turn, PARTS), 1);
    },
    LONG,
  );
});

describe('on the wire', () => {
  it.each(Object.entries(wireCases(String(world.credentials.own['authorization']))))(
    '%s is answered by one refusal, and nothing that hides in it',
    async (_, said) => {
      const before = await world.changes.mark();
      const heard = await speak(world.app.url, said);
      const [head = '', ...more] = heard.split(/(?=HTTP\/1\.1 \d{3} )/);
      expect(head).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(head).toContain('content-type: application/problem+json');
      // what follows a body that was not read is told apart, and refused as well
      expect(more.filter((each) => !each.startsWith('HTTP/1.1 400 '))).toEqual([]);
      expect(await world.changes.since(before)).toEqual({ changes: [], entries: [] });
    },
  );
});

describe('after all of it', () => {
  it('the neighbour’s rows are as they were', async () => {
    expect(await world.tampered()).toEqual([]);
  });

  it('nothing is left behind on the connections', async () => {
    expect(await faultsOfConnections(world.app.app, world.app.database)).toEqual([]);
  });
});
