import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type TestApp } from '../../support/app.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { type Canaries, plantCanaries } from '../../support/oracles.js';
import { faultsOfAnswer } from '../../support/oracles-answers.js';
import { exchange, type Received, type Sent } from '../../support/oracles-exchange.js';
import { planeOf } from '../../support/plane.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';
import { PgBouncer } from './pgbouncer.js';

/** Somebody of a tenant, and what there is to collide with. */
export interface Caller {
  readonly tenant: Tenant;
  readonly headers: Readonly<Record<string, string>>;
  /** Its own lead, and one of the other tenant. */
  readonly lead: string;
  readonly theirLead: string;
  /** A code that a board of it has. */
  readonly board: string;
}

/** Two tenants of two nodes, on one connection to the server. */
export interface World {
  readonly bouncer: PgBouncer;
  readonly app: TestApp;
  readonly second: TestApp;
  readonly database: TestDatabase;
  readonly canaries: Canaries;
  readonly callers: readonly [Caller, Caller];
  readonly plane: ReturnType<typeof planeOf>;
  /** Sends as somebody; all that is wrong with the answer. */
  ask(caller: Caller, sent: Sent): Promise<{ received: Received; faults: string[] }>;
  /** Sends, and is gone after so many milliseconds. */
  abort(caller: Caller, sent: Sent, afterMs: number): Promise<void>;
  /** Moves the first of them. */
  move(isolation: string): Promise<void>;
  close(): Promise<void>;
}

const AUTHORIZATION = 'authorization';

export async function makeWorld(): Promise<World> {
  const database = await freshDatabase();
  const bouncer = await PgBouncer.before(database.urls.app);
  const pooled = { ...database, urls: { ...database.urls, app: bouncer.pooledUrl } };
  const app = await startApp(pooled);
  const second = await startApp(pooled);
  let asked = 0;
  /** Of each node in turns. */
  const url = (): string => (asked++ % 3 === 0 ? second : app).url;
  const canaries = await plantCanaries(database);
  const callerOf = async (code: string, other: string): Promise<Caller> => {
    const [tenant, { id: theirs }] = await Promise.all([tenantOf(database, code), tenantOf(database, other)]);
    const one = async (text: string, id: string) =>
      (await database.at(id).sql<{ found: string }>(text, [id]))[0]?.found ?? '';
    const lead =
      'select id as found from crm_leads where organization_id = $1 and deleted_at is null order by id limit 1';
    const { headers } = await app.signIn(`admin@${code}.com`);
    return {
      tenant,
      headers,
      lead: await one(lead, tenant.id),
      theirLead: await one(lead, theirs),
      board: await one('select board_code as found from boards where organization_id = $1 limit 1', tenant.id),
    };
  };
  const root = (await app.signIn('superadmin@example.com')).with({});
  const callers = [await callerOf('testcorp', 'globex'), await callerOf('globex', 'testcorp')] as const;
  return {
    ...{ bouncer, app, second, database, canaries, callers, plane: planeOf(app.app) },
    ask: async ({ headers, tenant }, sent) => {
      const whole = { ...sent, headers: { ...headers, ...sent.headers } };
      const received = await exchange(url(), whole);
      if (received === undefined) throw new Error(`${sent.path} cannot be sent`);
      return { received, faults: faultsOfAnswer(whole, received, canaries, tenant.code) };
    },
    abort: (caller, sent, afterMs) => hangUp(url(), caller, sent, afterMs),
    move: async (isolation) => {
      const path = `/tenants/${callers[0].tenant.id}`;
      const begun = await root.post(`${path}/move`, { isolation });
      const { id } = begun.body as { id: string };
      for (;;) {
        const { body } = await root.get(`${path}/moves/${id}`);
        const { status, error } = body as { status: string; error: string | null };
        if (status === 'done') return;
        if (['failed', 'aborted'].includes(status)) throw new Error(`the move is ${status}: ${String(error)}`);
        await sleep(50);
      }
    },
    close: async () => {
      await Promise.all([app.close(), second.close()]);
      await bouncer.stop();
      await database.drop();
    },
  };
}

async function hangUp(url: string, { headers }: Caller, sent: Sent, afterMs: number): Promise<void> {
  const body = sent.body === undefined ? undefined : JSON.stringify(sent.body);
  const sending = request(url + sent.path, {
    method: sent.method,
    headers: {
      [AUTHORIZATION]: headers[AUTHORIZATION] ?? '',
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  });
  sending.on('error', () => undefined);
  sending.end(body);
  await sleep(afterMs);
  sending.destroy();
}
