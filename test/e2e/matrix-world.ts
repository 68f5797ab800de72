import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type TestApp } from '../support/app.js';
import { Changes } from '../support/changes.js';
import type { TestDatabase } from '../support/database.js';
import { access } from '../support/dist.js';
import { type Canaries, plantCanaries } from '../support/oracles.js';
import { exchange, type Received, type Sent } from '../support/oracles-exchange.js';
import { type Api, apiOf, type Operation, pathParameters } from '../support/schema-values-operations.js';
import { settled } from '../support/mail.js';
import { plantExport } from './matrix-exports.js';
import { plantMove, WITHOUT_MOVER } from './matrix-moves.js';
import { type Tenant, tenantOf } from '../support/tenants.js';
import { BASE } from './matrix-recipes.js';
import { type Known, type Maker, ROW_OF_NOBODY, Rows } from './matrix-rows.js';

/** What a request carries to say who sends it. */
export type Credentials = Readonly<Record<string, string>>;

/** Somebody whom the matrix sends requests as. */
export interface Actor {
  readonly credentials: Credentials;
  /** Whose data he may see; `every` for the platform's people where no tenant is named. */
  readonly tenant: string | undefined;
}

export const HOME = 'testcorp';
export const NEIGHBOUR = 'globex';
export const EVERY_TENANT = '*';
/** A suspension by plain SQL must be noticed within that. */
const NOTICED_MS = 2_000;
/** Suspended later; and one that is entitled to nothing. */
export const SUSPENDED = 'initech';
export const UNENTITLED = 'acme';

/** An application with one actor for each column of the matrix, and rows for him to ask for. */
export class MatrixWorld {
  readonly rows: Rows;
  private requests = 0;

  private constructor(
    readonly app: TestApp,
    readonly api: Api,
    readonly canaries: Canaries,
    readonly changes: Changes,
    private readonly tenants: ReadonlyMap<string, Tenant>,
  ) {
    this.rows = new Rows(api, this.tenant(UNENTITLED));
  }

  static async start(): Promise<MatrixWorld> {
    const app = await startApp(undefined, WITHOUT_MOVER);
    const canaries = await plantCanaries(app.database);
    const codes = [HOME, NEIGHBOUR, SUSPENDED, UNENTITLED];
    const tenants = await Promise.all(codes.map((code) => tenantOf(app.database, code)));
    await plantMove(app.database, (await tenantOf(app.database, UNENTITLED)).id);
    for (const { id } of tenants) await plantExport(app, id);
    const byCode = new Map(tenants.map((tenant) => [tenant.code, tenant]));
    const changes = await Changes.watch(app.database, () => settled(app.app));
    const world = new MatrixWorld(app, apiOf(app.app), canaries, changes, byCode);
    await world.makePeople();
    return world;
  }

  readonly anonymous: Actor = { credentials: {}, tenant: undefined };

  get home(): Tenant {
    return this.tenant(HOME);
  }
  get neighbour(): Tenant {
    return this.tenant(NEIGHBOUR);
  }

  tenant(code: string): Tenant {
    const tenant = this.tenants.get(code);
    if (tenant === undefined) throw new Error(`${code} is no tenant of the matrix`);
    return tenant;
  }

  async signIn(email: string, tenant: string | undefined): Promise<Actor> {
    const { headers } = await this.app.signIn(email);
    return { credentials: headers, tenant };
  }

  /** Sends it as this actor, under a request id by which the audit log tells it again. */
  async send(actor: Actor, sent: Sent): Promise<Received & { readonly requestId: string }> {
    const requestId = `matrix-${String(++this.requests)}`;
    const headers = { ...actor.credentials, 'x-request-id': requestId, ...sent.headers };
    const received = await exchange(this.app.url, { ...sent, headers });
    if (received === undefined) throw new Error(`${sent.method} ${sent.path} cannot be sent`);
    return { ...received, requestId };
  }

  /** Somebody as the maker of rows. */
  maker(name: string, actor: Actor, platform: Actor, tenant: Tenant): Maker {
    return {
      name,
      tenant,
      send: (sent) => this.send(actor, sent),
      sendAsPlatform: (sent) => this.send(platform, sent),
    };
  }

  /** What names no row at a parameter of the path. */
  nobody(operation: Operation, name: string): string {
    const isId = pathParameters(operation).some((each) => each.name === name && each.schema.format === 'uuid');
    return isId ? ROW_OF_NOBODY : 'nobody';
  }

  /** What somebody knows who will not get as far as the row; a tenant in the path is his own. */
  nothing(operation: Operation, actor: Actor): Known {
    const own = this.tenants.get(actor.tenant ?? HOME) ?? this.home;
    const path = pathParameters(operation).map(({ name }) => {
      if (operation.path.startsWith(`${BASE}/tenants/{${name}}`)) return [name, own.id];
      return [name, operation.path.endsWith('/code/{code}') ? own.code : this.nobody(operation, name)];
    });
    return { path: Object.fromEntries(path) as Known['path'], query: { user_id: this.home.adminId }, body: {} };
  }

  /** Whether records of the operation have owners, so that a record scope narrows them. */
  hasRecordScope({ access: { any_of: [code = ''] = [] } }: Operation): boolean {
    return access.parsePermission(code)?.form === 'submodule';
  }

  /** Whether a tenant can be without the module that the operation stands behind. */
  needsEntitlement({ access: { module } }: Operation): boolean {
    const kind = typeof module === 'string' ? access.findModule(module)?.kind : undefined;
    return kind !== undefined && kind !== 'always_on' && kind !== 'by_role';
  }

  /** Sets a tenant's status by plain SQL, and waits until it is noticed. */
  async suspend({ credentials, tenant }: Actor): Promise<void> {
    await this.app.database.sql(`update core.organizations set status = 'suspended' where tenant_code = $1`, [tenant]);
    for (const until = Date.now() + NOTICED_MS; Date.now() < until;) {
      await sleep(20);
      const { status } = await this.send({ credentials, tenant }, { method: 'GET', path: `${BASE}/auth/me` });
      if (status === 403) return;
    }
    throw new Error('the suspension was not noticed');
  }

  /** Somebody without a role, and somebody who may do everything, to his own records. */
  private async makePeople(): Promise<void> {
    const { database } = this.app;
    const make = (name: string) =>
      database.sql<{ id: string }>(
        `with made as (insert into core.users (id, organization_id, username, email, hashed_password)
           select gen_random_uuid(), organization_id, $1::varchar, $1::varchar || '@testcorp.com', hashed_password
           from core.users where id = $2 returning id, organization_id)
         insert into core.user_tenant_associations (organization_id, user_id) select organization_id, id from made
         returning user_id as id`,
        [name, this.home.adminId],
      );
    await make('nobody');
    const [owner] = await make('owner');
    await database.sql(
      `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
       select gen_random_uuid(), $1, $2, r.scope_id, r.id from core.roles r where r.role_code = 'executive' and r.organization_id is null`,
      [this.home.id, owner?.id],
    );
    const codes = this.api.operations.flatMap((operation) =>
      this.hasRecordScope(operation) ? (operation.access.any_of ?? []).slice(0, 1) : [],
    );
    await database.sql(
      `insert into core.user_permissions (id, organization_id, user_id, permission_id)
       select gen_random_uuid(), $1, $2, p.id from core.permissions p where p.permission_code = any($3)`,
      [this.home.id, owner?.id, codes],
    );
    await entitle(database, this.api, false, UNENTITLED);
    await entitle(database, this.api, true, HOME, NEIGHBOUR);
  }
}

/** Gives tenants every module that some operation stands behind, or takes it from them. */
export async function entitle(
  database: TestDatabase,
  api: Api,
  isEntitled: boolean,
  ...codes: string[]
): Promise<void> {
  const modules = api.operations.flatMap(({ access: { module } }) => (module ? [[module, isEntitled]] : []));
  await database.sql('update core.organizations set enabled_modules = $1::jsonb where tenant_code = any($2)', [
    JSON.stringify(Object.fromEntries(modules)),
    codes,
  ]);
}
