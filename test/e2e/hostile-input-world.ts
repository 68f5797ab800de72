import { startApp, type TestApp } from '../support/app.js';
import { Changes, type Written } from '../support/changes.js';
import { type Canaries, plantCanaries, type Rows as Stored, rowsOf, tamperedRows } from '../support/oracles.js';
import { describeChange, faultsOfAudit, secretsIn } from '../support/oracles-audit.js';
import { describeSent, faultsOfAnswer } from '../support/oracles-answers.js';
import { exchange, type Received, type Sent } from '../support/oracles-exchange.js';
import { type Api, apiOf, isWrite, type Operation } from '../support/schema-values-operations.js';
import { settled } from '../support/mail.js';
import { type Tenant, tenantOf } from '../support/tenants.js';
import { faultsOfReturn } from './hostile-input-return.js';
import { plantExport } from './matrix-exports.js';
import { plantMove, WITHOUT_MOVER } from './matrix-moves.js';
import { BASE, COSTLY, EXCEPTIONS, KEPT_OF_A_REFUSAL, recipeOf } from './matrix-recipes.js';
import { isOfPlatform, type Maker, Rows } from './matrix-rows.js';
import { entitle, HOME, NEIGHBOUR, UNENTITLED } from './matrix-world.js';

/** Requests under way at once. */
const AT_ONCE = 8;
/** Of everything that was found, so much is told. */
const TOLD = 30;

type Headers = Readonly<Record<string, string>>;

export interface Attacked {
  readonly sent: Sent;
  readonly received: Received;
}

/**
 * An application under attack by an administrator of one tenant, who may do all there and nothing at his neighbour's;
 * where only the platform's people get anywhere, by one of them.
 */
export class HostileWorld {
  readonly api: Api;
  readonly rows: Rows;
  readonly makers: Readonly<Record<'own' | 'foreign', Maker>>;
  /** Names of properties that hold decimal numbers as text. */
  private readonly decimals: ReadonlySet<string>;
  private spare: Headers = {};
  private requests = 0;
  private attacks = 0;

  private constructor(
    readonly app: TestApp,
    readonly canaries: Canaries,
    readonly changes: Changes,
    private readonly tenants: readonly [home: Tenant, neighbour: Tenant, elsewhere: Tenant],
    private readonly atNeighbour: Stored,
    /** Of the administrator, and of the platform. */
    readonly credentials: { readonly own: Headers; readonly platform: Headers },
  ) {
    this.api = apiOf(app.app);
    this.rows = new Rows(this.api, tenants[2]);
    const maker = (name: string, tenant: Tenant, headers: Headers): Maker => ({
      name,
      tenant,
      send: (sent) => this.must({ ...sent, headers }),
      sendAsPlatform: (sent) => this.must({ ...sent, headers: credentials.platform }),
    });
    this.makers = {
      own: maker('own', this.home, credentials.own),
      foreign: maker('foreign', this.neighbour, { ...credentials.platform, 'x-tenant': NEIGHBOUR }),
    };
    const properties = this.api.operations.flatMap(({ body }) => Object.entries(this.rows.shapeOf(body).properties));
    this.decimals = new Set(properties.flatMap(([name, { pattern }]) => (pattern?.includes('(\\.\\d') ? [name] : [])));
  }

  static async start(): Promise<HostileWorld> {
    const app = await startApp(undefined, WITHOUT_MOVER);
    const canaries = await plantCanaries(app.database);
    const named = (code: string) => tenantOf(app.database, code);
    const tenants = [await named(HOME), await named(NEIGHBOUR), await named(UNENTITLED)] as const;
    await plantMove(app.database, tenants[2].id);
    for (const { id } of tenants) await plantExport(app, id);
    await entitle(app.database, apiOf(app.app), true, HOME, NEIGHBOUR);
    const { headers: own } = await app.signIn('admin@testcorp.com');
    const { headers: platform } = await app.signIn('superadmin@example.com');
    const atNeighbour = await rowsOf(app.database, tenants[1].id);
    const changes = await Changes.watch(app.database, () => settled(app.app));
    return new HostileWorld(app, canaries, changes, tenants, atNeighbour, { own, platform });
  }

  get home(): Tenant {
    return this.tenants[0];
  }
  get neighbour(): Tenant {
    return this.tenants[1];
  }

  /** The operations that make a record. */
  get creates(): Operation[] {
    return this.api.operations.filter(
      ({ answers, body, method }) => method === 'POST' && answers.has(201) && body !== undefined,
    );
  }

  /** What of the neighbour's is not as it was when the world began. */
  async tampered(): Promise<string[]> {
    return tamperedRows(this.atNeighbour, await rowsOf(this.app.database, this.neighbour.id));
  }

  /** What somebody carries who gets as far as anybody does. */
  headersFor(operation: Operation): Headers {
    if (!isOfPlatform(operation)) return this.credentials.own;
    const { platform } = this.credentials;
    return operation.access.tenant === 'required' ? { ...platform, 'x-tenant': HOME } : platform;
  }

  /** A session that nobody else needs: the same one, for as long as it lasts. */
  async expendable(): Promise<Headers> {
    const me = { method: 'GET', path: `${BASE}/auth/me`, headers: this.spare };
    if (this.spare['authorization'] === undefined || (await this.send(me))?.status !== 200)
      this.spare = (await this.app.signIn('editor@testcorp.com')).headers;
    return this.spare;
  }

  /** Sends it as the administrator, unless it says otherwise. */
  send(sent: Sent): Promise<Received | undefined> {
    return exchange(this.app.url, { ...sent, headers: { ...this.credentials.own, ...sent.headers } });
  }

  private async must(sent: Sent): Promise<Received> {
    const received = await this.send(sent);
    if (received === undefined) throw new Error(`${describeSent(sent)} cannot be sent`);
    return received;
  }

  /**
   * Sends all of it, some at once, and holds every oracle: how each is answered, what is stored by whom, what came back.
   * The requests that Node itself would not send are left out.
   * @throws Error with everything that was found
   */
  async attack(operation: Operation, requests: readonly Sent[], atOnce = this.atOnce(operation)): Promise<Attacked[]> {
    const prefix = `attack-${String(++this.attacks)}-`;
    const before = await this.changes.mark();
    const isPlatform = isOfPlatform(operation);
    const canaries = isPlatform && operation.access.tenant !== 'required' ? new Map<string, string>() : this.canaries;
    const faults: string[] = [];
    const answered: Attacked[] = [];
    const accepted = new Set<string>();
    const rest = [...requests];
    const headers = this.headersFor(operation);
    const send = async (): Promise<void> => {
      for (let sent = rest.shift(); sent !== undefined; sent = rest.shift()) {
        const id = `${prefix}${String(++this.requests)}`;
        const received = await this.send({ ...sent, headers: { ...headers, 'x-request-id': id, ...sent.headers } });
        if (received === undefined) continue;
        answered.push({ sent, received });
        faults.push(...faultsOfAnswer(sent, received, canaries, HOME));
        if (received.status === 0 || received.status >= 300) continue;
        accepted.add(id);
        faults.push(...(await this.faultsOfReturn(operation, sent, received)));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, send));
    faults.push(...this.faultsOfStore(operation, await this.changes.since(before), accepted));
    if (faults.length > 0) throw new Error(`${String(faults.length)} faults:\n${faults.slice(0, TOLD).join('\n')}`);
    return answered;
  }

  /** Hashes of passwords wait for one another. */
  private atOnce({ body }: Operation): number {
    return Object.keys(this.rows.shapeOf(body).properties).some((name) => COSTLY.has(name)) ? 1 : AT_ONCE;
  }

  /** What was accepted comes back the same when it is asked for again. */
  private async faultsOfReturn(operation: Operation, sent: Sent, { body = {} }: Received): Promise<string[]> {
    if (!isWrite(operation) || operation.body === undefined) return [];
    const [path = ''] = sent.path.split('?');
    const isRow = operation.method !== 'POST';
    const collection = path.replace(/\/bulk$/, '');
    const rows = itemsOf(body);
    const faults: string[] = [];
    for (const [at, wanted] of itemsOf(sent.body).entries()) {
      const row = rows[at] as Record<string, unknown> | undefined;
      const where = isRow ? path : `${collection}/${String(row?.['id'])}`;
      const shown = this.shownAt(where);
      if (typeof wanted !== 'object' || (row?.['deleted_at'] ?? null) !== null || shown === undefined) continue;
      const again = await this.send({ method: 'GET', path: where, headers: this.headersFor(operation) });
      const { unlike = {}, cleared = {} } = recipeOf(operation);
      const asSent = Object.entries(wanted ?? {}).filter(
        ([name, value]) => !(name in unlike) && !(value === null && name in cleared),
      );
      const told = faultsOfReturn(Object.fromEntries(asSent), again?.body, this.decimals);
      faults.push(...told.map((fault) => `${describeSent(sent)}: ${fault}`));
    }
    return faults;
  }

  /** The operation that shows one row at such a path. */
  private shownAt(path: string): Operation | undefined {
    const parts = path.split('/');
    return this.api.operations.find(({ method, path: known }) => {
      const its = known.split('/');
      const isSame = its.length === parts.length && its.every((each, at) => each.startsWith('{') || each === parts[at]);
      return method === 'GET' && isSame && known.endsWith('}');
    });
  }

  /** Whether what changed is what the audit log tells of, was accepted, and is the caller's own. */
  private faultsOfStore(operation: Operation, written: Written, accepted: ReadonlySet<string>): string[] {
    const isOfTenant = operation.access.kind !== 'public' && !isOfPlatform(operation);
    const told = written.entries.filter(({ outcome }) => outcome === 'ok');
    const ofAccepted = new Set(
      told.flatMap(({ request, transaction }) => (request !== null && accepted.has(request) ? [transaction] : [])),
    );
    const foreign = written.changes.filter(
      ({ organization }) => organization === this.neighbour.id || (isOfTenant && organization !== this.home.id),
    );
    return [
      ...told
        .filter(({ request }) => request === null || !accepted.has(request))
        .map(({ action, resource, id }) => `a refused request stored ${action} of ${resource} ${String(id)}`),
      ...(accepted.size > 0 ? [] : written.changes)
        .filter(({ table, transaction }) => !(table in KEPT_OF_A_REFUSAL) && !ofAccepted.has(transaction))
        .map((change) => `refused requests stored ${describeChange(change)}`),
      ...foreign.map((change) => `of another tenant: ${describeChange(change)}`),
      ...faultsOfAudit(written, EXCEPTIONS),
      ...secretsIn(told),
    ];
  }
}

/** The items of many at once, or the one. */
function itemsOf(body: unknown): unknown[] {
  const items: unknown = (body as { items?: unknown } | undefined)?.items;
  return Array.isArray(items) ? items : [body];
}
