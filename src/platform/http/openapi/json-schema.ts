type Json = Record<string, unknown>;

/**
 * OpenAPI 3.0's schema words in those of JSON Schema 2020-12, which 3.1 uses: `nullable` becomes a type, and where only a
 * reference stands, one of two.
 */
export function jsonSchema202012(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(jsonSchema202012);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === 'example' || key === 'examples' ? value : jsonSchema202012(value),
    ]),
  ) as Json;
  if (nullable !== true) return nullable === undefined || typeof nullable === 'boolean' ? rest : { ...rest, nullable };
  if (typeof rest['type'] === 'string') {
    const values = rest['enum'];
    return {
      ...rest,
      type: [rest['type'], 'null'],
      ...(Array.isArray(values) ? { enum: [...(values as unknown[]), null] } : {}),
    };
  }
  const { description, ...schema } = rest;
  return { ...(description === undefined ? {} : { description }), oneOf: [schema, { type: 'null' }] };
}
