import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openApiDocument } from './dist.js';
import { type Schema, Schemas } from './schema-values.js';

/** `x-required-access` of an operation. */
export interface RequiredAccess {
  readonly kind: 'public' | 'signed_in' | 'platform' | 'permission';
  readonly tenant?: 'required' | 'optional' | 'path';
  readonly session_only?: boolean;
  readonly module?: string | null;
  readonly any_of?: readonly string[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

/** An answer that the document declares. */
export interface DeclaredAnswer {
  /** Without its parameters; undefined for an answer without a body. */
  readonly contentType: string | undefined;
  readonly schema: Schema | undefined;
  readonly headers: readonly string[];
}

/** One operation of the published document. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With `{…}` for its parameters: `/api/v1/crm/leads/{lead_id}`. */
  readonly path: string;
  readonly access: RequiredAccess;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  /** An example that the operation itself gives of its body. */
  readonly bodyExample: unknown;
  readonly answers: ReadonlyMap<number, DeclaredAnswer>;
}

export interface Api {
  readonly operations: readonly Operation[];
  readonly schemas: Schemas;
}

interface Content {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>;
}
interface RawOperation {
  readonly operationId?: string;
  readonly 'x-required-access'?: RequiredAccess;
  readonly parameters?: readonly (Omit<Parameter, 'required'> & { readonly required?: boolean })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Content>>; readonly headers?: object }>
  >;
}
export interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** All that the application publishes: what the matrix and the fuzzer are made from, so that no route can be forgotten. */
export function apiOf(app: NestFastifyApplication): Api {
  return apiOfDocument(JSON.parse(JSON.stringify(openApiDocument(app))) as RawDocument);
}

/** The same from a document as such. */
export function apiOfDocument({ paths, components }: RawDocument): Api {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => operationOf(method.toUpperCase(), path, operation)),
  );
  return { operations, schemas: new Schemas(components.schemas) };
}

function operationOf(method: string, path: string, raw: RawOperation): Operation {
  const id = raw.operationId;
  const access = raw['x-required-access'];
  if (id === undefined || access === undefined) throw new Error(`${method} ${path} has no id or no x-required-access`);
  const body = raw.requestBody?.content['application/json'];
  return {
    id,
    method,
    path,
    access,
    parameters: (raw.parameters ?? []).map((each) => ({ ...each, required: each.required === true })),
    body: body?.schema,
    bodyExample: Object.values(body?.examples ?? {})[0]?.value,
    answers: new Map(Object.entries(raw.responses).map(([status, answer]) => [Number(status), answerOf(answer)])),
  };
}

function answerOf({ content, headers }: RawOperation['responses'][string]): DeclaredAnswer {
  const [entry] = Object.entries(content ?? {});
  return {
    contentType: entry?.[0].split(';')[0],
    schema: entry?.[1].schema,
    headers: Object.keys(headers ?? {}),
  };
}

/** The declared answers of a success, by status. @throws Error when there is none */
export function successesOf({ id, answers }: Operation): ReadonlyMap<number, DeclaredAnswer> {
  const successes = [...answers].filter(([status]) => status >= 200 && status < 300);
  if (successes.length === 0) throw new Error(`${id} declares no success`);
  return new Map(successes);
}

/** Whether it changes what is stored, by its method; signing in and out changes sessions alone. */
export const isWrite = ({ method }: Operation): boolean => method !== 'GET';

/** The parameters of its path, in their order. */
export const pathParameters = ({ path, parameters }: Pick<Operation, 'path' | 'parameters'>): Parameter[] =>
  [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) =>
    parameters.filter((each) => each.in === 'path' && each.name === name),
  );

/**
 * The collection that a parameter of the path names a row of: the path up to it, which may hold other parameters.
 * `/boards/{board_id}/posts` for the `post_id` of `/boards/{board_id}/posts/{post_id}/restore`.
 */
export function collectionAt(path: string, parameter: string): string {
  const at = path.indexOf(`/{${parameter}}`);
  if (at === -1) throw new Error(`${path} has no parameter ${parameter}`);
  return path.slice(0, at);
}

/** The collection whose rows an operation without a row of its own is about: a list, a file, many at once, an order. */
export const collectionOf = ({ path }: Pick<Operation, 'path'>): string => {
  const last = path.lastIndexOf('/{');
  const rest = last === -1 ? path : path.slice(last).includes('}/') ? path : path.slice(0, last);
  return rest.replace(/\.csv$|\/(bulk|reorder|restore)$/, '').replace(/\/\{\w+\}$/, '');
};
