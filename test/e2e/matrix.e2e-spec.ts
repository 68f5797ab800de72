import { afterAll, describe, expect, it } from '@jest/globals';
import { audited, faultsOfAudit, secretsIn } from '../support/oracles-audit.js';
import { faultsOfConnections, rowsOf, tamperedRows } from '../support/oracles.js';
import { describeSent, faultsOfAnswer } from '../support/oracles-answers.js';
import { hangUp, type Sent } from '../support/oracles-exchange.js';
import { collectionOf, isWrite, pathParameters, successesOf } from '../support/schema-values-operations.js';
import { type Column, EXCEPTIONS, OF_NOBODY, recipeOf } from './matrix-recipes.js';
import { anonymized, badRequests, idsInBody, rowsShown, storedOfRefusal, withForeignId } from './matrix-requests.js';
import { isPlatformOnly } from './matrix-rows.js';
import { type Actor, EVERY_TENANT, HOME, MatrixWorld, NEIGHBOUR } from './matrix-world.js';
import { beforehand, makers, people, permitted, succeeding } from './matrix-people.js';

// started while the file is loaded: there is one block of tests for each operation of its document
const world = await MatrixWorld.start();
const actors = await people(world);
const maker = makers(world, actors);
const { operations, schemas } = world.api;
const { rows } = world;
const atNeighbour = await rowsOf(world.app.database, world.neighbour.id);

type Refusal = { readonly status: number | readonly number[]; readonly body?: object };
/** Cells of the matrix: begun, and done without a failure. */
const cells = { begun: 0, held: 0 };

afterAll(async () => {
  hangUp();
  await world.app.close();
  const failing = String(cells.begun - cells.held);
  process.stdout.write(
    `matrix: ${String(operations.length)} operations, ${String(cells.begun)} cases, ${failing} failing\n`,
  );
});

it('finds the operations of the document, the resources among them', () => {
  expect(operations.length).toBeGreaterThan(20);
  expect(operations.filter((operation) => world.hasRecordScope(operation)).length).toBeGreaterThanOrEqual(16);
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
});

describe.each(operations.map((operation) => [operation.id, operation] as const))('%s', (_, operation) => {
  const { access, parameters } = operation;
  const isPublic = access.kind === 'public';
  const ids = pathParameters(operation);
  const { without = {}, sought = [], isOfHimself = false, told: isTold } = recipeOf(operation);

  /** One case: an operation under a column of the matrix. */
  const cell = (name: string, test: () => Promise<void>, column?: Column): void => {
    if (column !== undefined && column in without) return;
    it(name, async () => {
      cells.begun++;
      await test();
      cells.held++;
    });
  };
  /** Sends it, and lets nothing pass that no answer may ever be: see the oracles. */
  const ask = async (actor: Actor, sent: Sent) => {
    const received = await world.send(actor, sent);
    // whoever signs in sees his own tenant
    const tenant = actor.tenant ?? (isPublic && received.status < 300 ? HOME : undefined);
    const canaries = tenant === EVERY_TENANT ? new Map<string, string>() : world.canaries;
    expect(faultsOfAnswer(sent, received, canaries, tenant)).toEqual([]);
    return received;
  };
  /** Refusals: each one that the document declares, and after which everything is as it was. */
  const refuse = async (actor: Actor, { status, body = {} }: Refusal, ...requests: Sent[]): Promise<void> => {
    const statuses = typeof status === 'number' ? [status] : status;
    const before = await world.changes.mark();
    for (const sent of requests) {
      const received = await ask(actor, sent);
      expect({ sent: describeSent(sent), ...received }).toMatchObject({ body });
      expect({ sent: describeSent(sent), text: received.text, statuses: [received.status] }).toMatchObject({
        statuses: [statuses.includes(received.status) ? received.status : statuses[0]],
      });
      expect([...operation.answers.keys()]).toContain(received.status);
    }
    expect(storedOfRefusal(await world.changes.since(before))).toEqual([]);
  };
  /** A request of somebody who will not get as far as the row. */
  const asked = (actor: Actor): Sent => rows.request(operation, world.nothing(operation, actor));

  if (!isPublic) {
    cell('answers 401 without credentials and with wrong ones', async () => {
      const sent = asked(world.anonymous);
      const wrong = { ...sent, headers: { authorization: 'Bearer x.y.z' } };
      // before anything else, whatever is wrong with the input
      const withNonsense = { ...sent, path: `${sent.path.split('?')[0] ?? ''}?nonsense=1` };
      await refuse(world.anonymous, { status: 401, body: { code: 'unauthenticated' } }, sent, wrong, withNonsense);
    });

    cell('refuses somebody of a tenant that was suspended since', async () => {
      const refused = { status: 403, body: { code: 'tenant_suspended', layer: 'tenant' } };
      await refuse(actors.suspended, refused, asked(actors.suspended));
    });

    cell('refuses a header that names another tenant', async () => {
      const refused = { status: 403, body: { code: 'tenant_mismatch', layer: 'tenant' } };
      await refuse(actors.admin, refused, { ...asked(actors.admin), headers: { 'x-tenant': NEIGHBOUR } });
    });
  }

  if (access.tenant === 'required') {
    cell('asks a platform user for the tenant', async () => {
      await refuse(actors.platform, { status: 400, body: { code: 'tenant_required' } }, asked(actors.platform));
    });
  }

  if (access.tenant === 'required' && !isWrite(operation)) {
    cell('tells the tenant of a platform user who looks at it', async () => {
      const sent = rows.request(operation, await rows.known(operation, maker.home));
      const before = await world.changes.mark();
      const { status, requestId: request } = await ask(actors.root, sent);
      const written = await world.changes.since(before);
      expect({ status, changes: audited(written, EXCEPTIONS) }).toEqual({ status: 200, changes: [] });
      const visit = { actor: 'platform', action: 'read', organization: world.home.id, request, id: null };
      const told = written.entries.filter(({ outcome }) => outcome === 'ok');
      expect(told).toEqual([expect.objectContaining(visit)]);
    });
  }

  if (world.needsEntitlement(operation)) {
    cell('answers 403 of the layer entitlement to a tenant without the module', async () => {
      const body = { code: 'not_entitled', layer: 'entitlement', required: access.module, reason: 'disabled' };
      await refuse(actors.unentitled, { status: 403, body }, asked(actors.unentitled));
    });
  }

  if (access.kind === 'permission' || access.kind === 'platform') {
    cell('answers 403 of the layer permission to somebody who lacks it', async () => {
      const required = access.kind === 'platform' ? 'super_admin' : access.any_of?.[0];
      const body = { code: 'permission_denied', layer: 'permission', required };
      const actor = isPlatformOnly(operation) ? actors.admin : actors.nobody;
      await refuse(actor, { status: 403, body }, asked(actor));
    });
  }

  for (const { name } of ids) {
    cell(
      isPlatformOnly(operation) || OF_NOBODY.has(name)
        ? `answers 404 for no row at ${name}`
        : `answers 404 for another tenant’s row at ${name}, as for none, and leaves it alone`,
      async () => {
        const actor = isPlatformOnly(operation) ? permitted(world, operation, actors) : actors.admin;
        const own = await rows.known(operation, maker.home);
        const none = { ...own, path: { ...own.path, [name]: world.nobody(operation, name) } };
        const unknown = { status: 404, body: { code: 'not_found' } };
        if (isOfHimself) await refuse(permitted(world, operation, actors), unknown, rows.request(operation, none));
        const refused = isOfHimself ? { status: 403, body: { code: 'permission_denied' } } : unknown;
        await refuse(actor, refused, rows.request(operation, none));
        if (isPlatformOnly(operation) || OF_NOBODY.has(name)) return;
        const foreign = await rows.known(operation, maker.neighbour);
        const sent = rows.request(operation, { ...own, path: { ...own.path, [name]: foreign.path[name] ?? '' } });
        await refuse(actor, refused, sent);
        // the same body for both, else they could differ in what is made for it
        const one = await ask(actor, sent);
        expect(anonymized(one)).toEqual(anonymized(await ask(actor, rows.request(operation, none))));
      },
      'foreign row',
    );
  }

  for (const parameter of parameters.filter((each) => each.in === 'query' && /(^|_)(id|by)$/.test(each.name))) {
    if (isPlatformOnly(operation)) continue;
    cell(
      `finds nothing by another tenant’s id in ${parameter.name}`,
      async () => {
        const sent = rows.request(operation, await rows.known(operation, maker.home));
        const url = new URL(sent.path, 'http://x');
        url.searchParams.set(parameter.name, await rows.foreign(operation, parameter.name, maker.neighbour));
        const received = await ask(actors.admin, { ...sent, path: url.pathname + url.search });
        if (parameter.required) expect(received.status).toBe(404);
        else expect({ shown: rowsShown(received), status: received.status }).toEqual({ shown: 0, status: 200 });
      },
      'foreign id',
    );
  }

  for (const name of idsInBody(world, operation)) {
    if (isPlatformOnly(operation)) continue;
    cell(
      `refuses another tenant’s id at ${name} of the body`,
      async () => {
        const known = await rows.known(operation, maker.home);
        const id = name === 'tenant_id' ? world.neighbour.id : await rows.foreign(operation, name, maker.neighbour);
        const expected = sought.includes(name)
          ? { status: 404, body: { code: 'not_found' } }
          : name === 'tenant_id'
            ? { status: 403, body: { code: 'tenant_mismatch' } }
            : {
                status: 422,
                body: { errors: [{ path: expect.stringMatching(`${name}(\\.0)?$`), code: 'not_found' }] },
              };
        await refuse(actors.admin, expected, withForeignId(world, operation, known, name, id));
      },
      'foreign id',
    );
  }

  if (world.hasRecordScope(operation)) {
    cell('knows nothing outside of the caller’s record scope, and finds what is inside', async () => {
      const outside = await rows.known(operation, maker.home);
      const inside = await rows.known(operation, maker.owner, true);
      const isList = !isWrite(operation) && ids.length === 0;
      if (ids.length > 0)
        await refuse(actors.owner, { status: 404, body: { code: 'not_found' } }, rows.request(operation, outside));
      else if ('id' in outside.body) {
        const body = { errors: [{ path: 'items.0.id', code: 'not_found' }] };
        await refuse(actors.owner, { status: 422, body }, rows.request(operation, outside));
      }
      const made = isList
        ? [await rows.row(collectionOf(operation), maker.home), await rows.row(collectionOf(operation), maker.owner)]
        : [];
      const received = await ask(actors.owner, rows.request(operation, inside));
      expect([...successesOf(operation).keys()]).toContain(received.status);
      expect(made.map((id) => received.text.includes(id))).toEqual(isList ? [false, true] : []);
    });
  }

  cell(
    'answers bad input with a problem, and stores nothing of it',
    async () => {
      const good = rows.request(operation, await rows.known(operation, maker.home));
      const actor = permitted(world, operation, actors);
      const before = await world.changes.mark();
      for (const { sent, status } of badRequests(world, operation, good)) {
        const received = await ask(actor, sent);
        if (!status.includes(received.status)) expect({ sent: describeSent(sent), ...received }).toEqual({ status });
        expect(received.body?.['status']).toBe(received.status);
        expect([...operation.answers.keys()]).toContain(received.status);
      }
      expect(storedOfRefusal(await world.changes.since(before))).toEqual([]);
    },
    'bad input',
  );

  cell(
    'succeeds as it is declared',
    async () => {
      const actor = await succeeding(world, operation, actors);
      const known = await rows.known(operation, maker.home, isWrite(operation));
      const body = { ...known.body, ...(await beforehand(world, operation, actors.admin)) };
      const sent = rows.request(operation, { ...known, body });
      const before = await world.changes.mark();
      const received = await ask(actor, sent);
      const successes = successesOf(operation);
      const answer = successes.get(received.status);
      // whoever sees this fail for a new route teaches matrix-recipes.ts what the request needs
      if (answer === undefined)
        expect({ sent: describeSent(sent), status: received.status, text: received.text }).toEqual({
          status: [...successes.keys()],
        });
      expect(received.headers['content-type']?.split(';')[0]).toBe(answer?.contentType);
      if (answer?.contentType === 'application/json' && answer.schema !== undefined)
        expect(schemas.faults(answer.schema, received.body)).toEqual([]);
      for (const header of answer?.headers.filter((each) => !/replayed/i.test(each)) ?? [])
        expect({ header, is: received.headers[header.toLowerCase()] }).toEqual({ header, is: expect.anything() });

      const written = await world.changes.since(before);
      expect(faultsOfAudit(written, EXCEPTIONS)).toEqual([]);
      expect(secretsIn(written.entries)).toEqual([]);
      const requests = new Set(written.entries.flatMap(({ outcome, request }) => (outcome === 'ok' ? [request] : [])));
      // a read changes nothing but counters of use; a write is told of, under its request’s id; refusals whenever there is time
      const isHeardOf = isWrite(operation) || isTold !== undefined;
      expect([...requests]).toEqual(isHeardOf ? [received.requestId] : []);
    },
    'success',
  );
});

describe('after all of it', () => {
  it('the neighbour’s rows are as they were', async () => {
    expect(tamperedRows(atNeighbour, await rowsOf(world.app.database, world.neighbour.id))).toEqual([]);
  });

  it('nothing is left behind on the connections', async () => {
    expect(await faultsOfConnections(world.app.app, world.app.database)).toEqual([]);
  });
});
