import { startApp, type TestApp } from '../support/app.js';
import { access } from '../support/dist.js';
import { type Canaries, plantCanaries } from '../support/oracles.js';
import { exchange, type Received, type Sent } from '../support/oracles-exchange.js';
import type { Schema } from '../support/schema-values.js';
import { type Api, apiOf, collectionOf, type Operation } from '../support/schema-values-operations.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

/** What a request carries to say who sends it. */
export type Credentials = Readonly<Record<string, string>>;

/** Somebody whom the matrix sends requests as. */
export interface Actor {
  readonly credentials: Credentials;
  /** Whose data he may see. */
  readonly tenant: string | undefined;
}

export const HOME = 'testcorp';
export const NEIGHBOUR = 'globex';
const ROW_OF_NOBODY = '0198a8a2-0000-7000-8000-000000000000';

/** An application with one actor for each column of the matrix, and rows for him to ask for. */
export class MatrixWorld {
  private requests = 0;

  private constructor(
    readonly app: TestApp,
    readonly api: Api,
    readonly canaries: Canaries,
    readonly home: Tenant,
    readonly neighbour: Tenant,
  ) {}

  static async start(): Promise<MatrixWorld> {
    const app = await startApp();
    const canaries = await plantCanaries(app.database);
    const home = await tenantOf(app.database, HOME);
    const neighbour = await tenantOf(app.database, NEIGHBOUR);
    const world = new MatrixWorld(app, apiOf(app.app), canaries, home, neighbour);
    await world.makePeople();
    return world;
  }

  readonly anonymous: Actor = { credentials: {}, tenant: undefined };

  async signIn(email: string, tenant: string | undefined): Promise<Actor> {
    const { headers } = await this.app.signIn(email);
    return { credentials: headers, tenant };
  }

  /** A platform user, who acts in a tenant by naming it. */
  async root(tenant?: string): Promise<Actor> {
    const { credentials } = await this.signIn('superadmin@example.com', tenant);
    return { credentials: tenant === undefined ? credentials : { ...credentials, 'x-tenant': tenant }, tenant };
  }

  /** Sends it as this actor, under a request id by which the audit log tells it again. */
  async send(actor: Actor, sent: Sent): Promise<Received & { readonly requestId: string }> {
    const requestId = `matrix-${String(++this.requests)}`;
    const headers = { ...actor.credentials, 'x-request-id': requestId, ...sent.headers };
    const received = await exchange(this.app.url, { ...sent, headers });
    if (received === undefined) throw new Error(`${sent.method} ${sent.path} cannot be sent`);
    return { ...received, requestId };
  }

  /**
   * A request that should succeed, made from the operation's schemas.
   * @param known by name: ids of the path, of required parameters and of the body
   */
  request({ method, path, parameters, body, bodyExample }: Operation, known: Readonly<Record<string, unknown>>): Sent {
    const { schemas } = this.api;
    const query = new URLSearchParams();
    let url = path;
    for (const parameter of parameters) {
      const value = String(known[parameter.name] ?? schemas.sample(parameter.schema));
      if (parameter.in === 'path') url = url.replace(`{${parameter.name}}`, encodeURIComponent(value));
      else if (parameter.in === 'query' && parameter.required) query.set(parameter.name, value);
    }
    const content =
      body === undefined ? undefined : (bodyExample ?? schemas.sample(body, this.withChange(body, known)));
    return {
      method,
      path: query.size === 0 ? url : `${url}?${query.toString()}`,
      ...(content === undefined ? {} : { body: content }),
    };
  }

  /** Where nothing is required, something is set all the same: an empty change changes nothing. */
  private withChange(body: Schema, known: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const { schemas } = this.api;
    const { required = [], ...outer } = schemas.resolve(body);
    const items = outer.properties?.['items']?.items;
    const { required: inner = [], properties = {} } =
      items === undefined ? { ...outer, required } : schemas.resolve(items);
    if (inner.length > 0) return known;
    const text = Object.entries(properties).find(
      ([, { type, format, enum: list }]) => type === 'string' && !format && !list,
    );
    if (text === undefined) return known;
    return { [text[0]]: `${String(schemas.sample(text[1]))} ${String(++this.requests)}`, ...known };
  }

  /** What stands in for the ids that an operation asks for: a row of the actor's own making, and people of the tenant. */
  async known(operation: Operation, maker: Actor, { adminId }: Tenant): Promise<Record<string, unknown>> {
    const known: Record<string, unknown> = { user_id: adminId };
    const parameter = operation.parameters.find((each) => each.in === 'path');
    const collection = collectionOf(operation);
    if (parameter !== undefined && collection !== undefined) known[parameter.name] = await this.row(collection, maker);
    if (operation.path.endsWith('/bulk')) known['id'] = await this.row(operation.path.replace(/\/bulk$/, ''), maker);
    // what is not deleted cannot be brought back
    const isRestore = operation.path.endsWith('/restore');
    if (isRestore)
      await this.send(maker, { method: 'DELETE', path: `${collection ?? ''}/${String(known[parameter?.name ?? ''])}` });
    return known;
  }

  /** The same for somebody who will not get as far as the row. */
  anyIds({ parameters }: Operation): Record<string, unknown> {
    return Object.fromEntries(parameters.filter((each) => each.in === 'path').map(({ name }) => [name, ROW_OF_NOBODY]));
  }

  /** A new row of a collection, made by its own POST. */
  async row(collection: string, maker: Actor): Promise<string> {
    const create = this.api.operations.find(({ method, path }) => method === 'POST' && path === collection);
    if (create === undefined) throw new Error(`no row can be made: ${collection} has no POST`);
    const received = await this.send(maker, this.request(create, {}));
    if (received.status !== 201) throw new Error(`${create.id} made no row: ${received.text}`);
    return String(received.body?.['id']);
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
    // a tenant that is entitled to nothing
    const modules = Object.fromEntries(
      this.api.operations.flatMap((each) => (each.access.module ? [[each.access.module, false]] : [])),
    );
    await database.sql(`update core.organizations set enabled_modules = $1::jsonb where tenant_code = 'acme'`, [
      JSON.stringify(modules),
    ]);
  }
}
