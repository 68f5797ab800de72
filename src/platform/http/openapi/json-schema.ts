type Json = Record<string, unknown>;

/**
 * OpenAPI 3.0's schema words in those of JSON Schema 2020-12, which 3.1 uses: `nullable` becomes a type, and where only a
 * reference stands, one of two.
 */
export function jsonSchema202012(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(jsonSchema202012);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = mapEntries(node, (key, value) => {
    if (key === 'example' || key === 'examples') return value;
    // below, the keys are names of fields and no words
    return key === 'properties'
      ? mapEntries(value as object, (_, field) => jsonSchema202012(field))
      : jsonSchema202012(value);
  });
  if (nullable !== true) return rest;
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

const mapEntries = (object: object, map: (key: string, value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(key, value)]));
