import { access } from '../support/dist.js';
import type { Received, Sent } from '../support/oracles-exchange.js';
import { type Schema, typesOf } from '../support/schema-values.js';
import {
  type Api,
  collectionAt,
  collectionOf,
  type Operation,
  type Parameter,
  pathParameters,
} from '../support/schema-values-operations.js';
import { BASE, BEFORE, COSTLY, keyOf, OF_NOBODY, recipeOf, REFERENCES, UNIQUE, type Value } from './matrix-recipes.js';

/** Whose rows they are, and who makes them. */
export interface Maker {
  /** Rows that only have to be there are made once for each name. */
  readonly name: string;
  readonly tenant: { readonly id: string; readonly code: string; readonly adminId: string };
  send(sent: Sent): Promise<Received>;
  /** For what only the platform makes. */
  sendAsPlatform(sent: Sent): Promise<Received>;
}

/** What a request is filled with, by name. */
export interface Known {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export const ROW_OF_NOBODY = '0198a8a2-0000-7000-8000-000000000000';
type Properties = Readonly<Record<string, Schema>>;

/** The rows that operations ask for: each made by the POST of its own collection, within rows that are made alike. */
export class Rows {
  private readonly kept = new Map<string, Promise<string>>();
  private made = 0;

  /** @param elsewhere what a body names when it names another tenant */
  constructor(
    private readonly api: Api,
    private readonly elsewhere: Maker['tenant'],
  ) {}

  /** The operation that makes a row of a collection. */
  createOf(collection: string): Operation | undefined {
    return this.api.operations.find(
      ({ method, path, answers }) => method === 'POST' && path === collection && answers.has(201),
    );
  }

  /**
   * All that an operation has to be told to be about the maker's own.
   * @param isFresh the row that it is about is used by nobody else: for what changes or ends it
   */
  async known(operation: Operation, maker: Maker, isFresh = false): Promise<Known> {
    const path = await this.pathOf(operation, maker, isFresh);
    await this.prepare(operation, path, maker);
    return { path, query: { user_id: maker.tenant.adminId }, body: await this.bodyOf(operation, maker) };
  }

  /** The ids of the path. */
  async pathOf(operation: Operation, maker: Maker, isFresh = false): Promise<Record<string, string>> {
    const ids: Record<string, string> = {};
    const parameters = pathParameters(operation);
    for (const parameter of parameters) {
      const isOwn = parameter === parameters.at(-1) && (isFresh || endingOf(operation) !== undefined);
      ids[parameter.name] = await this.idOf(operation, parameter, maker, ids, isOwn);
    }
    return ids;
  }

  private async idOf(
    operation: Operation,
    { name }: Parameter,
    maker: Maker,
    ids: Readonly<Record<string, string>>,
    isFresh: boolean,
  ): Promise<string> {
    const told = recipeOf(operation).path?.[name];
    if (told !== undefined) return String(await this.valueOf(told, maker));
    const collection = collectionAt(operation.path, name);
    // a tenant is there already; what may end it is tried on another one
    if (collection === `${BASE}/tenants` && !(isFresh && isOfPlatform(operation))) return maker.tenant.id;
    if (this.createOf(collection) !== undefined) return this.row(collection, maker, { name, ids, isFresh });
    const elsewhere = REFERENCES[name];
    if (elsewhere === undefined)
      throw new Error(`no row can be made for ${name} of ${keyOf(operation)}: teach matrix-recipes.ts`);
    return this.reference(elsewhere, maker, isFresh);
  }

  /** A row of a collection that may itself be below rows. */
  async reference(collection: string, maker: Maker, isFresh = false): Promise<string> {
    const path = BASE + collection;
    const create = this.createOf(path);
    if (create === undefined) throw new Error(`no row can be made: ${path} has no POST; teach matrix-recipes.ts`);
    return this.row(path, maker, { name: 'id', ids: await this.pathOf(create, maker), isFresh });
  }

  /**
   * The id of a row of a collection, by which name the path that asks for it calls it.
   * @param ids of the collection's own path
   */
  async row(
    collection: string,
    maker: Maker,
    asked: { readonly name?: string; readonly ids?: Readonly<Record<string, string>>; readonly isFresh?: boolean } = {},
  ): Promise<string> {
    const { name = 'id', ids = {}, isFresh = true } = asked;
    const key = JSON.stringify([maker.name, collection, name, ids]);
    const kept = isFresh ? undefined : this.kept.get(key);
    if (kept !== undefined) return kept;
    const making = this.make(collection, maker, name, ids);
    if (!isFresh) this.kept.set(key, making);
    return making;
  }

  private async make(
    collection: string,
    maker: Maker,
    name: string,
    ids: Readonly<Record<string, string>>,
  ): Promise<string> {
    const create = this.createOf(collection);
    if (create === undefined) throw new Error(`no row can be made: ${collection} has no POST`);
    const path = Object.fromEntries(Object.entries(ids).filter(([each]) => collection.includes(`{${each}}`)));
    const body = await this.bodyOf(create, maker);
    const sent = this.request(create, { path, query: {}, body }, COSTLY);
    const received = await (isOfPlatform(create) ? maker.sendAsPlatform(sent) : maker.send(sent));
    if (received.status < 200 || received.status >= 300)
      throw new Error(`${keyOf(create)} made no row of ${JSON.stringify(sent.body)}: ${received.text}`);
    return String(received.body?.[name] ?? received.body?.['id']);
  }

  /**
   * What the body is told: what recipes say, what has to be unique, references to rows.
   * @param isFresh the rows that it refers to are no other's
   */
  async bodyOf(operation: Operation, maker: Maker, isFresh = true): Promise<Record<string, unknown>> {
    const { body = {}, bodyExample, answers } = operation;
    const told = recipeOf(operation).body ?? {};
    const shown = bodyExample as Record<string, unknown> | undefined;
    const { properties, required } = this.shapeOf(body);
    const known: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(told)) known[name] = await this.valueOf(value, maker, isFresh);
    for (const [name, given] of Object.entries(properties)) {
      const isAsked = required.includes(name) || (shown !== undefined && name in shown);
      const schema = this.api.schemas.resolve(given);
      if (name in known || (!isAsked && !this.isOfItem(operation, name))) continue;
      const unique = answers.has(201) ? UNIQUE.find(([pattern]) => pattern.test(name))?.[1] : undefined;
      if (unique !== undefined) known[name] = unique(String(++this.made));
      else if (schema.format === 'uuid') known[name] = await this.referenceOf(operation, name, schema, maker, isFresh);
    }
    return known;
  }

  /** Of many at once, each names its row. */
  private isOfItem(operation: Operation, name: string): boolean {
    return name === 'id' && this.createOf(collectionOf(operation)) !== undefined;
  }

  private async referenceOf(
    operation: Operation,
    name: string,
    schema: Schema,
    maker: Maker,
    isFresh: boolean,
  ): Promise<unknown> {
    if (typesOf(schema).includes('null')) return null;
    const collection = collectionOf(operation);
    if (name === 'id') return this.row(collection, maker, { ids: await this.pathOf(operation, maker), isFresh });
    const elsewhere = REFERENCES[name];
    if (elsewhere === undefined)
      throw new Error(`nothing is known for ${name} in the body of ${keyOf(operation)}: teach matrix-recipes.ts`);
    return this.reference(elsewhere, maker, isFresh);
  }

  /** An id that is not one of the caller's tenant, for a property or parameter. */
  async foreign(operation: Operation, name: string, neighbour: Maker): Promise<string> {
    const own = collectionOf(operation);
    const create = this.createOf(own);
    const isOfNobody = name === 'id' && [...OF_NOBODY].some((each) => own === BASE + (REFERENCES[each] ?? ''));
    if (OF_NOBODY.has(name) || isOfNobody) return ROW_OF_NOBODY;
    if ((name === 'id' || name === 'parent_id') && create !== undefined)
      return this.row(own, neighbour, { ids: await this.pathOf(create, neighbour), isFresh: false });
    const elsewhere = REFERENCES[name.replace(/_ids$/, '_id')];
    const isMade = elsewhere !== undefined && this.createOf(BASE + elsewhere) !== undefined;
    return isMade ? this.reference(elsewhere, neighbour) : neighbour.tenant.adminId;
  }

  private async valueOf(value: Value, maker: Maker, isFresh = true): Promise<unknown> {
    if ('is' in value) return value.is;
    if ('unique' in value) return value.unique(String(++this.made));
    if ('row' in value) return this.reference(value.row, maker, isFresh);
    if ('found' in value) return this.found(value.found, maker);
    if ('rows' in value) return [await this.reference(value.rows, maker, isFresh)];
    return (value.of === 'tenant' ? maker.tenant : this.elsewhere)[value.the];
  }

  private async found(list: string, maker: Maker): Promise<unknown> {
    const { body, text } = await maker.send({
      method: 'GET',
      path: BASE + list.replace('{tenant_id}', maker.tenant.id),
    });
    const [row] = (body?.['items'] ?? []) as { readonly id: string }[];
    if (row === undefined) throw new Error(`nothing is found at ${list}: ${text}`);
    return row.id;
  }

  /** What must have happened before: what is not deleted cannot be brought back. */
  private async prepare(operation: Operation, ids: Readonly<Record<string, string>>, maker: Maker): Promise<void> {
    const ending = endingOf(operation);
    if (ending === undefined) return;
    const [method, instead] = BEFORE[ending] ?? ['', ''];
    const path = operation.path.slice(0, -ending.length) + instead;
    const before = this.api.operations.find((each) => each.method === method && each.path === path);
    if (before === undefined) return;
    const sent = this.request(before, { path: ids, query: {}, body: {} });
    const received = await (isOfPlatform(before) ? maker.sendAsPlatform(sent) : maker.send(sent));
    if (received.status >= 300) throw new Error(`${keyOf(before)} before ${keyOf(operation)}: ${received.text}`);
  }

  /**
   * A request that should succeed, made from the operation's schemas.
   * @param but properties of the body that are left out unless they are required
   */
  request(operation: Operation, known: Known, but: ReadonlySet<string> = new Set()): Sent {
    const { method, path, parameters, body, bodyExample } = operation;
    const query = new URLSearchParams();
    for (const { name, in: place, required, schema } of parameters)
      if (place === 'query' && required) query.set(name, known.query[name] ?? String(this.api.schemas.sample(schema)));
    const url = pathParameters(operation).reduce(
      (part, { name }) => part.replace(`{${name}}`, encodeURIComponent(known.path[name] ?? ROW_OF_NOBODY)),
      path,
    );
    const content = body === undefined ? undefined : this.content(body, bodyExample, known.body, but);
    return {
      method,
      path: query.size === 0 ? url : `${url}?${query.toString()}`,
      ...(content === undefined ? {} : { body: content }),
    };
  }

  private content(body: Schema, example: unknown, known: Known['body'], but: ReadonlySet<string>): unknown {
    const told = this.withChange(body, known);
    if (example === undefined) return this.api.schemas.sample(body, told);
    const { required } = this.shapeOf(body);
    const merged = { ...(example as Record<string, unknown>), ...told };
    return Object.fromEntries(Object.entries(merged).filter(([name]) => required.includes(name) || !but.has(name)));
  }

  /** Where nothing is required, something is set all the same: an empty change changes nothing. */
  private withChange(body: Schema, known: Known['body']): Known['body'] {
    const { schemas } = this.api;
    const { properties, required } = this.shapeOf(body);
    if (required.length > 0 || Object.keys(known).some((name) => name !== 'id')) return known;
    const text = Object.entries(properties).find(([, given]) => {
      const { type, format, enum: list, pattern } = schemas.resolve(given);
      return type === 'string' && !format && !list && (pattern === undefined || new RegExp(pattern).test('a b'));
    });
    if (text === undefined) return known;
    return { [text[0]]: `${String(schemas.sample(text[1]))} ${String(++this.made)}`, ...known };
  }

  /** The properties of a body, or of the items in it, and which of them are required; of alternatives, those of each. */
  shapeOf(given: Schema | undefined): { readonly properties: Properties; readonly required: readonly string[] } {
    if (given === undefined) return { properties: {}, required: [] };
    const body = this.api.schemas.resolve(given);
    const options = body.oneOf ?? body.anyOf;
    if (options !== undefined) {
      const shapes = options.map((option) => this.shapeOf(option));
      return { properties: Object.assign({}, ...shapes.map((each) => each.properties)) as Properties, required: [] };
    }
    const items = body.properties?.['items']?.items;
    const { properties = {}, required = [] } = items === undefined ? body : this.api.schemas.resolve(items);
    return { properties, required };
  }
}

const endingOf = ({ path }: Operation): string | undefined => Object.keys(BEFORE).find((each) => path.endsWith(each));

/** Whether nobody else may do it. */
export const isPlatformOnly = ({ access: { kind, any_of: [code = ''] = [] } }: Operation): boolean =>
  kind === 'platform' || access.PLATFORM_ONLY.has(code);

/** Whether it succeeds as something that the platform does. */
export const isOfPlatform = (operation: Operation): boolean =>
  isPlatformOnly(operation) || recipeOf(operation).who === 'platform';
