import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { type Canaries, changedRows, checksumsOf, faultsOfConnections, plantCanaries } from '../support/oracles.js';
import { faultsOfAnswer } from '../support/oracles-answers.js';
import { exchange, hangUp, type Sent } from '../support/oracles-exchange.js';
import { within } from '../support/promised.js';
import { tenantOf } from '../support/tenants.js';

const LEADS = '/api/v1/crm/leads';
const ABORTS = 1_000;
const ABORTS_AT_ONCE = 25;
/** Milliseconds for which connections are killed, and between two times. */
const KILLING_MS = 5_000;
const KILL_EVERY_MS = 100;
const CLIENTS = 20;
/** The promise: serving again within this many milliseconds, without a restart. */
const RECOVERED_MS = within(5_000);
const LONG = 120_000;

describe('faults in the middle of requests', () => {
  let app: TestApp;
  let canaries: Canaries;
  let clients: Record<'testcorp' | 'globex', Client>;
  beforeAll(async () => {
    app = await startApp();
    canaries = await plantCanaries(app.database);
    clients = { testcorp: await app.signIn('admin@testcorp.com'), globex: await app.signIn('admin@globex.com') };
  });
  afterAll(async () => {
    hangUp();
    await app.close();
  });

  /** Leads without the audit entry of their making, and entries of leads that are not there. */
  const halfWritten = () =>
    app.database.everywhere(
      `select l.id as lead, a.resource_id as entry from crm_leads l full join (select resource_id from audit_log where resource = 'crm_leads' and action = 'create') a on a.resource_id = l.id
       where a.resource_id is null or l.id is null`,
    );
  /** Leads whose version is not what the audit log tells of changes, plus one. */
  const halfChanged = () =>
    app.database.everywhere(
      `select l.id, l.version, count(a.id) from crm_leads l join audit_log a on a.resource_id = l.id
       group by l.id, l.version, l.organization_id having l.version <> count(a.id)`,
    );

  /** What a list tells and whether so many are stored, once what the abandoned requests began is done. */
  const totals = async () => {
    for (let tries = 1; ; tries++) {
      const { body } = await clients.testcorp.get('/crm/leads?limit=1&with_total=true');
      const told = (body as { total: number }).total;
      const { id } = await tenantOf(app.database, 'testcorp');
      const [stored] = await app.database
        .at(id)
        .sql<{ count: string }>('select count(*) from crm_leads where organization_id = $1 and deleted_at is null', [
          id,
        ]);
      const isStored = Number(stored?.count) === told;
      if (isStored || tries === 20) return { told, isStored };
      await sleep(100);
    }
  };

  it(
    `leave clean connections after ${String(ABORTS)} clients hung up`,
    async () => {
      const globex = await tenantOf(app.database, 'globex');
      const neighbour = await checksumsOf(app.database, globex.id);
      const { headers, url } = clients.testcorp;
      const body = JSON.stringify({ name: 'Half said' });
      const bulk = JSON.stringify({
        items: Array.from({ length: 10 }, (_, n) => ({ name: `One of many ${String(n)}` })),
      });
      const kinds: [method: string, path: string, body: string | undefined, length?: number][] = [
        ['POST', LEADS, body],
        ['POST', LEADS, body, 10_000],
        ['POST', `${LEADS}/bulk`, bulk],
        ['GET', `${LEADS}?limit=500&include=owner&with_total=true`, undefined],
        ['GET', `${LEADS}.csv`, undefined],
        ['POST', '/api/v1/auth/refresh', '{"refresh_token":"x"}'],
      ];
      const abort = (n: number): Promise<void> =>
        new Promise((resolve) => {
          const [method, path, payload, length = payload?.length] = kinds[n % kinds.length] ?? [
            'GET',
            LEADS,
            undefined,
          ];
          const head = {
            ...headers,
            ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': length }),
          };
          const sent = request(url + path, { method, headers: head, agent: false }, (answer) =>
            answer.on('error', () => undefined).resume(),
          );
          sent.on('error', () => undefined).on('close', resolve);
          sent.write(payload ?? '');
          if (length === payload?.length) sent.end();
          // from before the first byte is read to after the last is written
          setTimeout(() => sent.destroy(), n % 40);
        });
      let next = 0;
      const some = async () => {
        while (next < ABORTS) await abort(next++);
      };
      await Promise.all(Array.from({ length: ABORTS_AT_ONCE }, some));

      expect(await faultsOfConnections(app.app, app.database)).toEqual([]);
      expect(await halfWritten()).toEqual([]);
      expect(changedRows(neighbour, await checksumsOf(app.database, globex.id))).toEqual([]);
      expect(await totals()).toEqual({ told: expect.any(Number), isStored: true });
    },
    LONG,
  );

  it('answer 503 to whoever waits for a row that another holds, before others have to wait for a connection', async () => {
    const { body: lead } = await clients.testcorp.post('/crm/leads', { name: 'Held' });
    const { id } = lead as { id: string };
    const { placement } = await tenantOf(app.database, 'testcorp');
    const url = Object.assign(new URL(app.database.urls.superuser), { pathname: `/${placement.database}` });
    const holder = new pg.Client({ connectionString: url.href, options: `-c search_path=${placement.schema}` });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select from crm_leads where id = $1 for update', [id]);
    // as many as the pool has connections
    const waiting = Array.from({ length: 8 }, () =>
      clients.testcorp.send('PATCH', `/crm/leads/${id}`, { company: 'x' }),
    );
    await sleep(200);
    const neighbour = await clients.globex.get('/crm/leads?limit=1');
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status, headers }) => [status, headers.has('retry-after')])).toEqual(
      Array(8).fill([503, true]),
    );
    expect(neighbour.status).toBe(200);
    await holder.end();
    expect((await clients.testcorp.send('PATCH', `/crm/leads/${id}`, { company: 'x' })).status).toBe(200);
  });

  it(
    `answer 503 and lose nothing while every connection is killed each ${String(KILL_EVERY_MS)} ms`,
    async () => {
      const acknowledged: { id: string; name: string }[] = [];
      const statuses = new Map<number, number>();
      const faults: string[] = [];
      let isOver = false;
      const work = async (client: Client, tenant: string, who: number): Promise<void> => {
        const send = async (sent: Sent) => {
          const received = await exchange(client.url, { ...sent, headers: { ...client.headers } });
          if (received === undefined) throw new Error('cannot be sent');
          statuses.set(received.status, (statuses.get(received.status) ?? 0) + 1);
          // unavailable is what is promised here; and only that
          if (received.status !== 503 || received.body?.['code'] !== 'unavailable')
            faults.push(...faultsOfAnswer(sent, received, canaries, tenant));
          if (received.status >= 400 && received.status !== 503)
            faults.push(`${sent.method} ${sent.path}: ${received.text}`);
          return received;
        };
        for (let n = 0; !isOver; n++) {
          const name = `Under fire ${String(who)} ${String(n)}`;
          const made = await send({ method: 'POST', path: LEADS, body: { name } });
          if (made.status === 201) acknowledged.push({ id: String(made.body?.['id']), name });
          const id = acknowledged.at(-1 - (who % Math.max(1, acknowledged.length)))?.id;
          await send({ method: 'GET', path: `${LEADS}?limit=20` });
          if (made.status === 201) {
            const changed = await send({
              method: 'PATCH',
              path: `${LEADS}/${String(made.body?.['id'])}`,
              body: { company: name },
            });
            if (changed.status === 200) expect(changed.body).toMatchObject({ name, company: name });
          } else if (id === undefined) await sleep(5);
        }
      };
      const working = Promise.all(
        Array.from({ length: CLIENTS }, (_, who) => {
          const tenant = who % 2 === 0 ? 'testcorp' : 'globex';
          return work(clients[tenant], tenant, who);
        }),
      );
      const databases = [app.database.name, ...(await app.database.places()).map(({ database }) => database)];
      let kills = 0;
      for (const until = Date.now() + KILLING_MS; Date.now() < until;) {
        const killed = await app.database.sql(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = any ($1) and usename like 'tenantry%'`,
          [databases],
        );
        kills += killed.length;
        await sleep(KILL_EVERY_MS);
      }
      const ended = Date.now();
      let status = 0;
      while (status !== 200 && Date.now() - ended < RECOVERED_MS)
        status = (await clients.globex.get('/crm/leads?limit=1')).status;
      const recovered = Date.now() - ended;
      isOver = true;
      await working;

      expect({ status, isInTime: recovered <= RECOVERED_MS }).toEqual({ status: 200, isInTime: true });
      expect(faults.slice(0, 10)).toEqual([]);
      // it has been a fight
      expect(kills).toBeGreaterThan(KILLING_MS / KILL_EVERY_MS / 2);
      expect(statuses.get(503) ?? 0).toBeGreaterThan(0);
      expect(acknowledged.length).toBeGreaterThan(CLIENTS);
      const stored = await app.database.everywhere<{ id: string; name: string }>(
        `select id, name from crm_leads where id = any($1)`,
        [acknowledged.map(({ id }) => id)],
      );
      const byId = new Map(stored.map(({ id, name }) => [id, name]));
      expect(acknowledged.filter(({ id, name }) => byId.get(id) !== name)).toEqual([]);
      expect(await halfWritten()).toEqual([]);
      expect(await halfChanged()).toEqual([]);
      expect(await faultsOfConnections(app.app, app.database)).toEqual([]);
    },
    LONG,
  );
});
