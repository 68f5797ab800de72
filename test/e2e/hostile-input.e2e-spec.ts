import { afterAll, describe, expect, it } from '@jest/globals';
import { changedRows, checksumsOf, faultsOfConnections } from '../support/oracles.js';
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
import { asking, fuzzedRequests, goodRequest } from './hostile-input-requests.js';
import { speak, wireCases } from './hostile-input-socket.js';
import { HostileWorld } from './hostile-input-world.js';

/** Of the generators: with it the same requests are made again. */
const SEED = 20_261_120;
const RUNS = 80;
/** Each of these costs a password's hash. */
const RUNS_OF_SIGN_IN = 20;
/** Milliseconds that the requests of one test may take together on a busy machine. */
const LONG = 120_000;

const world = await HostileWorld.start();
const { operations, schemas } = world.api;
const named = (some: readonly Operation[]) => some.map((operation) => [operation.id, operation] as const);
const lists = operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'sort'));
const isResource = ({ access }: Operation): boolean => access.kind === 'permission';

afterAll(async () => {
  hangUp();
  await world.app.close();
});

describe(`fuzzed from its schemas (seed ${String(SEED)})`, () => {
  it.each(named(operations))(
    '%s holds',
    async (_, operation) => {
      const runs = operation.access.kind === 'public' ? RUNS_OF_SIGN_IN : RUNS;
      const requests = await fuzzedRequests(world, operation, SEED, runs);
      // writes one after the other: what was accepted is read again before the next change
      const answered = await world.attack(requests, isWrite(operation) ? 1 : undefined);
      expect(answered).toHaveLength(runs);
      // else the generators have lost touch with what the operation takes
      const accepted = answered.filter(({ received }) => received.status < 300).length;
      if (operation.access.kind !== 'public') expect(accepted).toBeGreaterThan(0);
    },
    LONG,
  );
});

describe('naughty values', () => {
  /** The texts of a body that take nearly anything, and those that take little. */
  const textsOf = (body: Schema) =>
    Object.entries(schemas.resolve(body).properties ?? {}).filter(([, schema]) =>
      typesOf(schemas.resolve(schema)).includes('string'),
    );

  it.each(named(world.creates))(
    'come back from %s as they were, or are refused',
    async (_, operation) => {
      const { body = {}, method, path } = operation;
      const sample = schemas.sample(body) as Record<string, unknown>;
      const fields = Object.keys(schemas.resolve(body).properties ?? {});
      const values = [
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
      const one = values.flatMap((value, n) =>
        fields
          .filter((_, at) => (n + at) % 3 === 0)
          .map((name): Sent => ({ method, path, body: { ...sample, [name]: value } })),
      );
      const deep = NAUGHTY.flatMap((value): Sent[] => [
        { method, path, body: { ...sample, metadata: { [value]: [value, { [value]: value }] } } },
        { method, path, body: { ...sample, tags: [value, `${value}.`] } },
        { method, path, body: { ...sample, [value]: value } },
      ]);
      const answered = await world.attack([...one, ...deep]);
      const accepted = answered.filter(({ received }) => received.status === 201);
      // what is no harm to anybody is taken
      expect(accepted.length).toBeGreaterThan(NAUGHTY.length * textsOf(body).length * 0.2);
      expect(answered.length - accepted.length).toBeGreaterThan(fields.length * 10);
    },
    LONG,
  );

  it.each(named(lists))(
    'find nothing else by %s, wherever they stand',
    async (_, operation) => {
      const list: Sent = { method: 'GET', path: operation.path };
      // one record is enough of it
      const one = asking(list, 'id', await world.row(world.collectionOf(operation)));
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
      const forged = await world.attack(await forgedCursors(world, operation));
      if (!operation.path.endsWith('.csv')) expect(forged.length).toBeGreaterThan(100);
      const unknown = await world.attack(PARAMETERS.map((name) => ask(name, 'x')));
      expect(unknown.filter(({ received }) => received.status !== 422).map(({ sent }) => sent.path)).toEqual([]);
      await world.attack([...times, ...all, ...numbers, ...sorts, ...cursors]);
    },
    LONG,
  );
});

describe('bodies that are none', () => {
  it.each(named(operations))(
    'are refused by %s before anything is stored',
    async (_, operation) => {
      const sent = await goodRequest(world, operation);
      // whoever takes none is sent some all the same
      const bodies = RAW_BODIES.filter((_, n) => operation.body !== undefined || n % 4 === 0);
      const answered = await world.attack(bodies.map((body) => ({ ...sent, body })));
      // a change of nothing is none
      const allowed = operation.method === 'PATCH' ? ['', '{}'] : [];
      const taken = answered.filter(({ received }) => received.status < 300).map((each) => each.sent.body);
      if (operation.body !== undefined) expect(taken.filter((body) => !allowed.includes(String(body)))).toEqual([]);
    },
    LONG,
  );

  it.each(named(operations.filter(({ body }) => body !== undefined)))(
    'of another type are refused by %s',
    async (_, operation) => {
      const answered = await world.attack(wrongTypes(await goodRequest(world, operation)));
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
  it.each(named(operations))('written in another way than that of %s lead nowhere', async (_, operation) => {
    const sent = await goodRequest(world, operation);
    const variants = pathVariants(sent.path.split('?')[0] ?? '');
    const answered = await world.attack(
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
    async (_, operation) => {
      await world.attack(withHeaders(await goodRequest(world, operation)), 1);
    },
    LONG,
  );
});

describe('on the wire', () => {
  it.each(Object.entries(wireCases(String(world.credentials.own['authorization']))))(
    '%s is answered by one refusal, and nothing that hides in it',
    async (_, said) => {
      const before = await checksumsOf(world.app.database);
      const heard = await speak(world.app.url, said);
      const [head = '', ...more] = heard.split(/(?=HTTP\/1\.1 \d{3} )/);
      expect(head).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(head).toContain('content-type: application/problem+json');
      // what follows a body that was not read is told apart, and refused as well
      expect(more.filter((each) => !each.startsWith('HTTP/1.1 400 '))).toEqual([]);
      expect(changedRows(before, await checksumsOf(world.app.database))).toEqual([]);
    },
  );
});

it('leaves nothing behind on the connections', async () => {
  expect(await faultsOfConnections(world.app.app, world.app.database)).toEqual([]);
});
