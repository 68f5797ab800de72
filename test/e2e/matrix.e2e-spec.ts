import { afterAll, describe, expect, it } from '@jest/globals';
import { auditOf, changedRows, checksumsOf, faultsOfConnections, rowsOf, secretsIn } from '../support/oracles.js';
import { describeSent, faultsOfAnswer } from '../support/oracles-answers.js';
import { hangUp, type Sent } from '../support/oracles-exchange.js';
import { isWrite, successOf } from '../support/schema-values-operations.js';
import { anonymized, badRequests, idsInBody, listedBy, rowsShown } from './matrix-requests.js';
import { type Actor, HOME, MatrixWorld, NEIGHBOUR } from './matrix-world.js';
import { people, succeeding, tokensFor } from './matrix-people.js';

// started while the file is loaded: there is one block of tests for each operation of its document
const world = await MatrixWorld.start();
const actors = await people(world);
const { operations, schemas } = world.api;
/** What a write may change besides the rows that its audit entries name: nothing else among records. */
const RECORDS = /^shared\.(?!audit_log|idempotency_keys|outbox|counters)/;
type Refusal = { readonly status: number; readonly body: object };
/** A refused sign-in is in the audit log; nothing else of a refusal is stored. */
const STORED = /^(?!core\.audit_log )/;

afterAll(async () => {
  hangUp();
  await world.app.close();
});

it('finds the operations of the document, the resources among them', () => {
  expect(operations.length).toBeGreaterThan(20);
  expect(operations.filter((operation) => world.hasRecordScope(operation)).length).toBeGreaterThanOrEqual(16);
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
});

describe.each(operations.map((operation) => [operation.id, operation] as const))('%s', (_, operation) => {
  const { access, path, parameters, body } = operation;
  const isPublic = access.kind === 'public';
  const hasId = parameters.some((each) => each.in === 'path');

  /** Sends it, and lets nothing pass that no answer may ever be: see the oracles. */
  const ask = async (actor: Actor, sent: Sent) => {
    const received = await world.send(actor, sent);
    // whoever signs in sees his own tenant
    const tenant = actor.tenant ?? (isPublic && received.status < 300 ? HOME : undefined);
    expect(faultsOfAnswer(sent, received, world.canaries, tenant)).toEqual([]);
    return received;
  };
  /** Refusals: each one that the document declares, and after which everything is as it was. */
  const refuse = async (actor: Actor, expected: Refusal, ...requests: Sent[]): Promise<void> => {
    const before = await checksumsOf(world.app.database);
    for (const sent of requests) {
      const received = await ask(actor, sent);
      expect({ sent: describeSent(sent), ...received }).toMatchObject(expected);
      expect([...operation.answers.keys()]).toContain(received.status);
    }
    expect(changedRows(before, await checksumsOf(world.app.database), STORED)).toEqual([]);
  };

  if (!isPublic) {
    it('answers 401 without credentials and with wrong ones', async () => {
      const sent = world.request(operation, world.anyIds(operation));
      const wrong = { ...sent, headers: { authorization: 'Bearer x.y.z' } };
      // before anything else, whatever is wrong with the input
      const withNonsense = { ...sent, path: `${sent.path.split('?')[0] ?? ''}?nonsense=1` };
      await refuse(world.anonymous, { status: 401, body: { code: 'unauthenticated' } }, sent, wrong, withNonsense);
    });

    it('refuses somebody of a tenant that was suspended since', async () => {
      const sent = world.request(operation, world.anyIds(operation));
      await refuse(actors.suspended, { status: 403, body: { code: 'tenant_suspended', layer: 'tenant' } }, sent);
    });

    it('refuses a header that names another tenant', async () => {
      const sent = world.request(operation, world.anyIds(operation));
      const refused = { status: 403, body: { code: 'tenant_mismatch', layer: 'tenant' } };
      await refuse(actors.admin, refused, { ...sent, headers: { 'x-tenant': NEIGHBOUR } });
    });
  }

  if (access.tenant === 'required') {
    it('asks a platform user for the tenant', async () => {
      const sent = world.request(operation, world.anyIds(operation));
      const { credentials } = actors.root;
      const withoutTenant = { credentials: { authorization: credentials['authorization'] ?? '' }, tenant: undefined };
      await refuse(withoutTenant, { status: 400, body: { code: 'tenant_required' } }, sent);
    });
  }

  if (world.needsEntitlement(operation)) {
    it('answers 403 of the layer entitlement to a tenant without the module', async () => {
      const sent = world.request(operation, world.anyIds(operation));
      const body = { code: 'not_entitled', layer: 'entitlement', required: access.module, reason: 'disabled' };
      await refuse(actors.unentitled, { status: 403, body }, sent);
    });
  }

  if (access.kind === 'permission' || access.kind === 'platform') {
    it('answers 403 of the layer permission to somebody who lacks it', async () => {
      const sent = world.request(operation, world.anyIds(operation));
      const required = access.kind === 'platform' ? 'super_admin' : access.any_of?.[0];
      const body = { code: 'permission_denied', layer: 'permission', required };
      await refuse(access.kind === 'platform' ? actors.admin : actors.nobody, { status: 403, body }, sent);
    });
  }

  if (hasId) {
    it('answers 404 for a row of another tenant, as for none, and leaves it alone', async () => {
      const known = await world.known(operation, actors.neighbour, world.neighbour);
      const foreign = world.request(operation, known);
      await refuse(actors.admin, { status: 404, body: { code: 'not_found' } }, foreign);
      const none = await ask(actors.admin, world.request(operation, { ...known, ...world.anyIds(operation) }));
      const one = await ask(actors.admin, foreign);
      expect(anonymized(one)).toEqual(anonymized(none));
    });
  }

  for (const parameter of parameters.filter((each) => each.in === 'query' && /(^|_)(id|by)$/.test(each.name))) {
    it(`finds nothing by another tenant’s id in ${parameter.name}`, async () => {
      const sent = world.request(operation, { ...world.anyIds(operation), user_id: world.home.adminId });
      const id =
        parameter.name === 'id' ? await world.row(listedBy(operation), actors.neighbour) : world.neighbour.adminId;
      const url = new URL(sent.path, 'http://x');
      url.searchParams.set(parameter.name, id);
      const received = await ask(actors.admin, { ...sent, path: url.pathname + url.search });
      if (parameter.required) expect(received.status).toBe(404);
      else expect(rowsShown(received)).toBe(0);
    });
  }

  for (const name of idsInBody(world, operation)) {
    it(`refuses another tenant’s id at ${name} of the body`, async () => {
      const known = await world.known(operation, actors.admin, world.home);
      const foreign = {
        id: () => world.known(operation, actors.neighbour, world.neighbour).then(({ id }) => id),
        tenant_id: () => Promise.resolve(world.neighbour.id),
      };
      const id = await (name === 'id' || name === 'tenant_id' ? foreign[name]() : world.neighbour.adminId);
      const expected =
        name === 'tenant_id'
          ? { status: 403, body: { code: 'tenant_mismatch' } }
          : { status: 422, body: { errors: [{ path: expect.stringMatching(`${name}$`), code: 'not_found' }] } };
      await refuse(actors.admin, expected, world.request(operation, { ...known, [name]: id }));
    });
  }

  if (world.hasRecordScope(operation)) {
    it('knows nothing outside of the caller’s record scope, and finds what is inside', async () => {
      const outside = await world.known(operation, actors.admin, world.home);
      const inside = await world.known(operation, actors.owner, world.home);
      if (hasId) {
        await refuse(actors.owner, { status: 404, body: { code: 'not_found' } }, world.request(operation, outside));
      } else if ('id' in outside) {
        const body = { errors: [{ path: 'items.0.id', code: 'not_found' }] };
        await refuse(actors.owner, { status: 422, body }, world.request(operation, outside));
      } else if (!isWrite(operation)) {
        const id = await world.row(listedBy(operation), actors.admin);
        const own = await world.row(listedBy(operation), actors.owner);
        const { text } = await ask(actors.owner, world.request(operation, {}));
        expect(text).toContain(own);
        expect(text).not.toContain(id);
      }
      expect((await ask(actors.owner, world.request(operation, inside))).status).toBe(successOf(operation).status);
    });
  }

  it('answers bad input with a problem, and stores nothing of it', async () => {
    const known = hasId ? await world.known(operation, actors.admin, world.home) : { user_id: world.home.adminId };
    const actor = isPublic ? world.anonymous : access.kind === 'platform' ? actors.root : actors.admin;
    const bad = badRequests(world, operation, world.request(operation, known));
    for (const status of [400, 422])
      await refuse(
        actor,
        { status, body: { status } },
        ...bad.flatMap((each) => (each.status === status ? [each.sent] : [])),
      );
  });

  it('succeeds as it is declared', async () => {
    const actor = await succeeding(world, operation, actors);
    const known = { ...(await world.known(operation, actor, world.home)), ...(await tokensFor(world, operation)) };
    const sent = world.request(operation, known);
    const before = await rowsOf(world.app.database);
    const received = await ask(actor, sent);
    const { status, answer } = successOf(operation);
    // whoever sees this fail for a new route teaches MatrixWorld what the request needs
    expect({
      operation: operation.id,
      status: received.status,
      text: received.status < 300 ? '' : received.text,
    }).toEqual({
      operation: operation.id,
      status,
      text: '',
    });
    expect(received.headers['content-type']?.split(';')[0]).toBe(answer.contentType);
    if (answer.contentType === 'application/json' && answer.schema !== undefined)
      expect(schemas.faults(answer.schema, received.body)).toEqual([]);
    for (const header of answer.headers.filter((each) => !/replayed/i.test(each)))
      expect(received.headers[header.toLowerCase()]).toBeDefined();
    if (path.endsWith('.csv')) expect(received.text.split('\r\n')[0]).toContain('id,tenant_id');

    const entries = await auditOf(world.app.database, received.requestId);
    const changed = changedRows(before, await rowsOf(world.app.database), RECORDS);
    expect(secretsIn(entries)).toEqual([]);
    expect(entries).toHaveLength(isWrite(operation) ? 1 : 0);
    expect(entries.map(({ row }) => row).filter((row) => RECORDS.test(row))).toEqual(changed);
    if (body === undefined && !isWrite(operation)) expect(changed).toEqual([]);
  });
});

it('leaves nothing behind on the connections', async () => {
  expect(await faultsOfConnections(world.app.app, world.app.database)).toEqual([]);
});
