import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { operationsOf } from './operations.js';

type Json = Record<string, unknown>;
/** Schemas by status, as Fastify's routes take them. */
export type AnswerSchemas = Record<string, object>;

/**
 * Every route's answers as schemas for Fastify's compiled serializer: declared once, in the answer's class. A column that
 * is not in it cannot leak. `required` is dropped: a missing field would throw after the commit.
 */
export function answerSchemas(document: OpenAPIObject): Map<string, AnswerSchemas> {
  const answers = new Map<string, AnswerSchemas>();
  for (const { path, method, operation } of operationsOf(document)) {
    const schemas: AnswerSchemas = {};
    for (const [status, answer] of Object.entries(operation.responses)) {
      const schema = (answer as { content?: Record<string, { schema?: object }> }).content?.['application/json']
        ?.schema;
      if (status.startsWith('2') && schema !== undefined) schemas[status] = resolved(schema, document, []) as object;
    }
    answers.set(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`, schemas);
  }
  return answers;
}

/** Gives each route, as it is registered, the serializers of its answers. */
export function compileAnswers(fastify: FastifyInstance, answers: Map<string, AnswerSchemas>): void {
  fastify.addHook('onRoute', (route) => {
    const response = answers.get(`${String(route.method)} ${route.url}`);
    if (response !== undefined && Object.keys(response).length > 0) route.schema = { ...route.schema, response };
  });
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
