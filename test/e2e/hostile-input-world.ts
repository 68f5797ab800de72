import { startApp, type TestApp } from '../support/app.js';
import {
  auditOf,
  type Canaries,
  changedRows,
  checksumsOf,
  plantCanaries,
  type Rows,
  rowsOf,
  secretsIn,
} from '../support/oracles.js';
import { describeSent, faultsOfAnswer } from '../support/oracles-answers.js';
import { exchange, type Received, type Sent } from '../support/oracles-exchange.js';
import { type Api, apiOf, collectionOf, type Operation } from '../support/schema-values-operations.js';
import { type Tenant, tenantOf } from '../support/tenants.js';
import { faultsOfReturn } from './hostile-input-return.js';

const HOME = 'testcorp';
const NEIGHBOUR = 'globex';
/** Records of business: what the audit log must tell of, change by change. */
const RECORDS = /^shared\.(?!audit_log|idempotency_keys|outbox|counters)/;
/** Requests under way at once. */
const AT_ONCE = 8;
/** Of everything that was found, so much is told. */
const TOLD = 30;

type Headers = Readonly<Record<string, string>>;

export interface Attacked {
  readonly sent: Sent;
  readonly received: Received;
}

/** An application under attack by an administrator of one tenant, who may do all there and nothing at his neighbour's. */
export class HostileWorld {
  readonly api: Api;
  readonly home: Tenant;
  readonly neighbour: Tenant;
  /** Names of properties that hold decimal numbers as text. */
  private readonly decimals: ReadonlySet<string>;
  private requests = 0;
  private attacks = 0;

  private constructor(
    readonly app: TestApp,
    readonly canaries: Canaries,
    [home, neighbour]: readonly [Tenant, Tenant],
    /** Of the administrator, and of somebody who may make rows at the neighbour's. */
    readonly credentials: { readonly own: Headers; readonly foreign: Headers },
  ) {
    this.api = apiOf(app.app);
    this.home = home;
    this.neighbour = neighbour;
    const properties = this.api.operations.flatMap(({ body }) =>
      body === undefined ? [] : Object.entries(this.api.schemas.resolve(body).properties ?? {}),
    );
    this.decimals = new Set(properties.flatMap(([name, { pattern }]) => (pattern?.includes('(\\.\\d') ? [name] : [])));
  }

  static async start(): Promise<HostileWorld> {
    const app = await startApp();
    const canaries = await plantCanaries(app.database);
    const tenants = [await tenantOf(app.database, HOME), await tenantOf(app.database, NEIGHBOUR)] as const;
    const { headers: own } = await app.signIn('admin@testcorp.com');
    const { headers: root } = await app.signIn('superadmin@example.com');
    return new HostileWorld(app, canaries, tenants, { own, foreign: { ...root, 'x-tenant': NEIGHBOUR } });
  }

  /** The operations that make a record. */
  get creates(): Operation[] {
    return this.api.operations.filter(({ answers, body }) => answers.has(201) && body !== undefined);
  }

  /** Whether records of a collection can be made. */
  canMake(collection: string): boolean {
    return this.creates.some(({ path }) => path === collection);
  }

  /** A new record of a collection, one's own or the neighbour's. */
  async row(collection: string, whose: 'own' | 'foreign' = 'own'): Promise<string> {
    const create = this.creates.find(({ path }) => path === collection);
    if (create?.body === undefined) throw new Error(`no row can be made: ${collection} has no POST`);
    const body = this.api.schemas.sample(create.body);
    const made = await this.send({ method: 'POST', path: collection, headers: this.credentials[whose], body });
    if (made?.status !== 201) throw new Error(`${create.id} made no row: ${made?.text ?? ''}`);
    return String(made.body?.['id']);
  }

  /** Sends it as the administrator, unless it says otherwise. */
  send(sent: Sent): Promise<Received | undefined> {
    return exchange(this.app.url, { ...sent, headers: { ...this.credentials.own, ...sent.headers } });
  }

  /** The path of an operation with an id in its place. */
  pathOf({ path, parameters }: Operation, id: string): string {
    return parameters.reduce((url, each) => (each.in === 'path' ? url.replace(`{${each.name}}`, id) : url), path);
  }

  /** Where records of an operation are made: `/api/v1/crm/leads`. */
  collectionOf(operation: Operation): string {
    return collectionOf(operation) ?? operation.path.replace(/\/bulk$|\.csv$/, '');
  }

  /**
   * Sends all of it, some at once, and holds every oracle: how each is answered, what is stored by whom, what came back.
   * The requests that Node itself would not send are left out.
   * @throws Error with everything that was found
   */
  async attack(requests: readonly Sent[], atOnce = AT_ONCE): Promise<Attacked[]> {
    const prefix = `attack-${String(++this.attacks)}-`;
    const { database } = this.app;
    const before = await rowsOf(database, this.home.id);
    const neighbour = await checksumsOf(database, this.neighbour.id);
    const faults: string[] = [];
    const answered: Attacked[] = [];
    const accepted = new Set<string>();
    const rest = [...requests];
    const send = async (): Promise<void> => {
      for (let sent = rest.shift(); sent !== undefined; sent = rest.shift()) {
        const id = `${prefix}${String(++this.requests)}`;
        const received = await this.send({ ...sent, headers: { 'x-request-id': id, ...sent.headers } });
        if (received === undefined) continue;
        answered.push({ sent, received });
        faults.push(...faultsOfAnswer(sent, received, this.canaries, HOME));
        if (received.status >= 300) continue;
        accepted.add(id);
        faults.push(...(await this.faultsOfReturn(sent, received)));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, send));
    faults.push(...(await this.faultsOfStore(prefix, accepted, before)));
    for (const table of changedRows(neighbour, await checksumsOf(database, this.neighbour.id)))
      faults.push(`rows of the neighbour have changed in ${table}`);
    if (faults.length > 0) throw new Error(`${String(faults.length)} faults:\n${faults.slice(0, TOLD).join('\n')}`);
    return answered;
  }

  /** What was accepted comes back the same when it is asked for again. */
  private async faultsOfReturn(sent: Sent, { body = {} }: Received): Promise<string[]> {
    const path = sent.path.split('?')[0] ?? '';
    if (sent.method === 'GET' || path.startsWith('/api/v1/auth/')) return [];
    const collection = path.replace(/\/bulk$/, '').replace(/\/[0-9a-fA-F-]{36}(\/restore)?$/, '');
    const rows = itemsOf(body);
    const faults: string[] = [];
    for (const [at, wanted] of itemsOf(sent.body).entries()) {
      const row = rows[at] as Record<string, unknown>;
      if (typeof wanted !== 'object' || row['deleted_at'] !== null) continue;
      const again = await this.send({ method: 'GET', path: `${collection}/${String(row['id'])}` });
      faults.push(
        ...faultsOfReturn(wanted, again?.body, this.decimals).map((fault) => `${describeSent(sent)}: ${fault}`),
      );
    }
    return faults;
  }

  /** Whether what changed is what the audit log tells of, and what it tells of was accepted. */
  private async faultsOfStore(prefix: string, accepted: ReadonlySet<string>, before: Rows): Promise<string[]> {
    const after = await rowsOf(this.app.database, this.home.id);
    const entries = (await auditOf(this.app.database, `${prefix}%`)).filter(({ outcome }) => outcome === 'ok');
    const told = new Set(entries.map(({ row }) => row).filter((row) => RECORDS.test(row)));
    const refused = entries.filter((entry) => !accepted.has(entry.request_id));
    const unchanged = [...told].filter((row) => before.has(row) && before.get(row) === after.get(row));
    return [
      ...refused.map(({ row }) => `a refused request stored ${row}`),
      ...changedRows(before, after, RECORDS)
        .filter((row) => !told.has(row))
        .map((row) => `${row} changed without an audit entry`),
      ...unchanged.map((row) => `the audit log tells of ${row}, which is as it was`),
      ...secretsIn(entries).map((entry) => `a secret in the audit log: ${entry}`),
    ];
  }
}

/** The items of many at once, or the one. */
function itemsOf(body: unknown): unknown[] {
  const items: unknown = (body as { items?: unknown } | undefined)?.items;
  return Array.isArray(items) ? items : [body];
}
