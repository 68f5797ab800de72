import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsOf } from './operations.js';

/** What of a schema (JSON Schema 2020-12) an example is made from. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}
type Content = Record<string, { schema?: Schema; example?: unknown; examples?: object }> | undefined;
interface Described {
  readonly requestBody?: { readonly content?: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

const JSON_BODY = 'application/json';
const FORMATS: Readonly<Record<string, string>> = {
  uuid: '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11',
  'date-time': '2026-11-20T15:53:55.120Z',
  date: '2026-11-20',
  email: 'ada@engines.example',
  uri: 'https://app.example.com',
};

/** Gives every body that is sent or answered as JSON an example, put together from those of its fields. */
export function giveExamples(document: OpenAPIObject): void {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  for (const { operation } of operationsOf(document)) {
    const { requestBody, responses } = operation as Described;
    give(requestBody?.content, new Examples(schemas, false));
    for (const answer of Object.values(responses)) give(answer.content, new Examples(schemas, true));
  }
}

function give(content: Content, examples: Examples): void {
  const body = content?.[JSON_BODY];
  if (body?.schema === undefined || body.example !== undefined || body.examples !== undefined) return;
  const example = examples.of(body.schema);
  if (example !== undefined) body.example = example;
}

class Examples {
  /** @param whole also the fields that may be left out and have no example of their own */
  constructor(
    private readonly schemas: Readonly<Record<string, Schema>>,
    private readonly whole: boolean,
  ) {}

  /** undefined: there is none to be made. `within` are the references that lead here, each of which ends at itself. */
  of(schema: Schema, within: readonly string[] = []): unknown {
    if (schema.example !== undefined) return schema.example;
    if (schema.$ref !== undefined) return this.ofReference(schema.$ref, within);
    if (schema.allOf !== undefined)
      return Object.assign({}, ...schema.allOf.map((part) => this.of(part, within))) as unknown;
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices !== undefined) return this.of(choices[0] ?? {}, within);
    if (schema.default !== undefined) return schema.default;
    return schema.enum === undefined ? this.ofType(schema, within) : schema.enum[0];
  }

  private ofReference(reference: string, within: readonly string[]): unknown {
    const schema = this.schemas[reference.split('/').at(-1) ?? ''];
    if (schema === undefined || within.includes(reference)) return undefined;
    return this.of(schema, [...within, reference]);
  }

  private ofType(schema: Schema, within: readonly string[]): unknown {
    const types = [schema.type].flat();
    switch (types[0]) {
      case 'object':
        return this.ofObject(schema, within);
      case 'array': {
        const item = this.of(schema.items ?? {}, within);
        return item === undefined ? [] : [item];
      }
      case 'string':
        if (types.includes('null')) return null;
        return schema.format === undefined ? undefined : FORMATS[schema.format];
      case 'integer':
      case 'number':
        return types.includes('null') ? null : (schema.minimum ?? 1);
      case 'boolean':
        return false;
      default:
        return undefined;
    }
  }

  private ofObject({ properties = {}, required = [] }: Schema, within: readonly string[]): object {
    const fields = Object.entries(properties).flatMap(([name, field]) => {
      const isRequired = required.includes(name);
      if (!this.whole && !isRequired && field.example === undefined) return [];
      const made = this.of(field, within);
      const isAnyText = field.type === 'string' && field.pattern === undefined;
      const value = made === undefined && isRequired && isAnyText ? 'text' : made;
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(fields);
  }
}
