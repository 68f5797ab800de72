import type { OpenAPIObject } from '@nestjs/swagger';
import compile from 'fast-json-stringify';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { operationsOf } from './operations.js';

type Json = Record<string, unknown>;
type Serialize = (answer: unknown) => string;

/**
 * Serializes every route's answers by their schemas: declared once, in the answer's class. A column that is not in it
 * cannot leak. `required` is dropped: a missing field would throw after the commit. To be called before the routes are
 * registered.
 */
export function compileAnswers(fastify: FastifyInstance, document: OpenAPIObject): void {
  const answers = answersOf(document);
  fastify.addHook('onRoute', (route) => {
    const serializers = answers.get(`${String(route.method)} ${route.url}`);
    if (serializers === undefined || serializers.size === 0) return;
    // what Fastify asks for by status; the schemas themselves are none of its business
    route.schema = { ...route.schema, response: Object.fromEntries([...serializers.keys()].map((key) => [key, {}])) };
    route.serializerCompiler = (({ httpStatus = '' }) => serializers.get(httpStatus)) as Compiler;
  });
}
type Compiler = NonNullable<RouteOptions['serializerCompiler']>;

/** The serializers of each route by status: `GET /api/v1/menus/:menu_id`, `200`. */
function answersOf(document: OpenAPIObject): Map<string, Map<string, Serialize>> {
  const answers = new Map<string, Map<string, Serialize>>();
  for (const { path, method, operation } of operationsOf(document)) {
    const serializers = new Map<string, Serialize>();
    for (const [status, answer] of Object.entries(operation.responses)) {
      const schema = (answer as { content?: Record<string, { schema?: object }> }).content?.['application/json']
        ?.schema;
      if (status.startsWith('2') && schema !== undefined) serializers.set(status, serializerOf(schema, document));
    }
    answers.set(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`, serializers);
  }
  return answers;
}

/** Compiled with the first answer: all of them at once are a fifth of a start, and memory for routes that nobody calls. */
function serializerOf(schema: object, document: OpenAPIObject): Serialize {
  let serialize: Serialize | undefined;
  return (answer) => (serialize ??= compile(resolved(schema, document, []) as object) as Serialize)(answer);
}

/** Words of a schema that a serializer has no use for; below `properties` they are names of fields. */
const UNUSED = new Set(['required', 'example', 'description']);
const mapValues = (object: Json, map: (value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));

/** References written out, recursion cut where a schema meets itself. */
function resolved(node: unknown, document: OpenAPIObject, path: readonly string[]): unknown {
  if (Array.isArray(node)) return node.map((item) => resolved(item, document, path));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref } = node as { $ref?: string };
  if ($ref !== undefined) {
    if (path.includes($ref)) return { type: 'object', additionalProperties: true };
    return resolved(document.components?.schemas?.[$ref.split('/').at(-1) ?? ''], document, [...path, $ref]);
  }
  const schema: Json = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties') schema[key] = mapValues(value as Json, (property) => resolved(property, document, path));
    else if (!UNUSED.has(key)) schema[key] = resolved(value, document, path);
  }
  if (schema['type'] === 'object' && schema['properties'] === undefined) schema['additionalProperties'] ??= true;
  return schema;
}
