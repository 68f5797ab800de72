import { startApp, type TestApp } from '../support/app.js';
import {
  auditOf,
  type Canaries,
  changedRows,
  checksumsOf,
  plantCanaries,
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

export interface Attacked {
  readonly sent: Sent;
  readonly received: Received;
}

/** An application under attack by an administrator of one tenant, who may do all there and nothing at his neighbour's. */
export class HostileWorld {
  /** Names of properties that hold decimal numbers as text. */
  private readonly decimals: ReadonlySet<string>;
  private requests = 0;
  private attacks = 0;

  private constructor(
    readonly app: TestApp,
    readonly api: Api,
    readonly canaries: Canaries,
    readonly home: Tenant,
    readonly neighbour: Tenant,
    readonly credentials: Readonly<Record<string, string>>,
    private readonly neighbourCredentials: Readonly<Record<string, string>>,
  ) {
    const properties = api.operations.flatMap(({ body }) =>
      body === undefined ? [] : Object.entries(api.schemas.resolve(body).properties ?? {}),
    );
    this.decimals = new Set(properties.flatMap(([name, { pattern }]) => (pattern?.includes('(\\.\\d') ? [name] : [])));
  }

  static async start(): Promise<HostileWorld> {
    const app = await startApp();
    const canaries = await plantCanaries(app.database);
    const home = await tenantOf(app.database, HOME);
    const neighbour = await tenantOf(app.database, NEIGHBOUR);
    const admin = await app.signIn('admin@testcorp.com');
    const root = await app.signIn('superadmin@example.com');
    const atNeighbour = { ...root.headers, 'x-tenant': NEIGHBOUR };
    return new HostileWorld(app, apiOf(app.app), canaries, home, neighbour, admin.headers, atNeighbour);
  }

  /** A new record of a collection, one's own or the neighbour's. */
  async row(collection: string, whose: 'own' | 'foreign' = 'own'): Promise<string> {
    const create = this.api.operations.find(({ method, path }) => method === 'POST' && path === collection);
    if (create?.body === undefined) throw new Error(`no row can be made: ${collection} has no POST`);
    const headers = whose === 'own' ? this.credentials : this.neighbourCredentials;
    const body = this.api.schemas.sample(create.body);
    const made = await exchange(this.app.url, { method: 'POST', path: collection, headers, body });
    if (made?.status !== 201) throw new Error(`${create.id} made no row: ${made?.text ?? ''}`);
    return String(made.body?.['id']);
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
    const [before, neighbour] = [await rowsOf(database, this.home.id), await checksumsOf(database, this.neighbour.id)];
    const faults: string[] = [];
    const answered: Attacked[] = [];
    const accepted = new Set<string>();
    const rest = [...requests];
    const send = async (): Promise<void> => {
      for (let sent = rest.shift(); sent !== undefined; sent = rest.shift()) {
        const id = `${prefix}${String(++this.requests)}`;
        const headers = { ...this.credentials, 'x-request-id': id, ...sent.headers };
        const received = await exchange(this.app.url, { ...sent, headers });
        if (received === undefined) continue;
        answered.push({ sent, received });
        faults.push(...faultsOfAnswer(sent, received, this.canaries, HOME));
        if (received.status >= 300) continue;
        accepted.add(id);
        faults.push(...(await this.faultsOfStored(sent, received)));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, send));
    faults.push(...(await this.faultsOfStore(prefix, accepted, before)));
    if (changedRows(neighbour, await checksumsOf(database, this.neighbour.id)).length > 0)
      faults.push(
        `the neighbour’s rows have changed: ${changedRows(neighbour, await checksumsOf(database, this.neighbour.id)).join()}`,
      );
    if (faults.length > 0) throw new Error(`${String(faults.length)} faults:\n${faults.slice(0, 30).join('\n')}`);
    return answered;
  }

  /** What was accepted comes back the same. */
  private async faultsOfStored(sent: Sent, { body }: Received): Promise<string[]> {
    const path = sent.path.split('?')[0] ?? '';
    const rows = Array.isArray(body?.['items']) ? (body['items'] as Record<string, unknown>[]) : [body ?? {}];
    const wanted = Array.isArray((sent.body as { items?: unknown } | undefined)?.items)
      ? (sent.body as { items: unknown[] }).items
      : [sent.body];
    if (sent.method === 'GET' || !path.startsWith('/api/v1/') || path.startsWith('/api/v1/auth/')) return [];
    const faults: string[] = [];
    const collection = path.replace(/\/bulk$/, '').replace(/\/[0-9a-fA-F-]{36}(\/restore)?$/, '');
    for (const [at, row] of rows.entries()) {
      if (typeof wanted[at] !== 'object' || row['deleted_at'] !== null) continue;
      const answer = await exchange(this.app.url, {
        method: 'GET',
        path: `${collection}/${String(row['id'])}`,
        headers: this.credentials,
      });
      faults.push(
        ...faultsOfReturn(wanted[at], answer?.body, this.decimals).map((fault) => `${describeSent(sent)}: ${fault}`),
      );
    }
    return faults;
  }

  /** Whether what changed is what the audit log tells of, and what it tells of was accepted. */
  private async faultsOfStore(
    prefix: string,
    accepted: ReadonlySet<string>,
    before: ReadonlyMap<string, string>,
  ): Promise<string[]> {
    const after = await rowsOf(this.app.database, this.home.id);
    const entries = (await auditOf(this.app.database, `${prefix}%`)).filter(({ outcome }) => outcome === 'ok');
    const told = new Set(entries.map(({ row }) => row));
    const faults = entries
      .filter((entry) => !accepted.has(entry.request_id))
      .map((entry) => `a refused request stored ${entry.row}`);
    for (const row of changedRows(before, after, RECORDS))
      if (!told.has(row)) faults.push(`${row} changed without an audit entry`);
    for (const row of told)
      if (RECORDS.test(row) && before.has(row) && before.get(row) === after.get(row))
        faults.push(`the audit log tells of ${row}, which is as it was`);
    return [...faults, ...secretsIn(entries).map((entry) => `a secret in the audit log: ${entry}`)];
  }
}
