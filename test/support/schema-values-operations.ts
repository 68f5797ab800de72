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
interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** All that the application publishes: what the matrix and the fuzzer are made from, so that no route can be forgotten. */
export function apiOf(app: NestFastifyApplication): Api {
  const document = JSON.parse(JSON.stringify(openApiDocument(app))) as RawDocument;
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => operationOf(method.toUpperCase(), path, operation)),
  );
  return { operations, schemas: new Schemas(document.components.schemas) };
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

/** The declared answer of a success. */
export function successOf({ id, answers }: Operation): { status: number; answer: DeclaredAnswer } {
  for (const [status, answer] of answers) if (status >= 200 && status < 300) return { status, answer };
  throw new Error(`${id} declares no success`);
}

/** Whether it changes what is stored, by its method; signing in and out changes sessions alone. */
export const isWrite = ({ method }: Operation): boolean => method !== 'GET';

/** The path of the collection that `/…/{lead_id}` and what is below it belong to; undefined where no id is in the path. */
export function collectionOf({ path }: Operation): string | undefined {
  const at = path.indexOf('/{');
  return at === -1 ? undefined : path.slice(0, at);
}
