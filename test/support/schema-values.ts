/** What of JSON Schema 2020-12 the published document uses. A word that is not here is refused, so that none is skipped in silence. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly example?: unknown;
}

const WORDS = new Set(
  (
    '$ref type enum format pattern minLength maxLength minimum maximum minItems maxItems items properties required ' +
    'additionalProperties allOf anyOf oneOf example examples description title default deprecated readOnly'
  ).split(' '),
);
const FORMATS: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  date: /^\d{4}-\d\d-\d\d$/,
  email: /^[^@\s]+@[^@\s]+$/,
};

/** Schemas of one document, with their references followed. */
export class Schemas {
  constructor(private readonly named: Readonly<Record<string, Schema>>) {}

  /** The schema itself: references followed, `allOf` made one. */
  resolve(schema: Schema): Schema {
    for (const word of Object.keys(schema))
      if (!WORDS.has(word)) throw new Error(`the tests do not know the schema word ${word}: teach schema-values.ts`);
    if (schema.$ref !== undefined) {
      const name = schema.$ref.split('/').at(-1) ?? '';
      const target = this.named[name];
      if (target === undefined) throw new Error(`${schema.$ref} is not in the document`);
      return this.resolve(target);
    }
    if (schema.allOf === undefined) return schema;
    const parts = schema.allOf.map((part) => this.resolve(part));
    return {
      type: 'object',
      properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})),
      required: parts.flatMap((part) => part.required ?? []),
    };
  }

  /**
   * A value that fits: what is required, and of the rest what `known` has something for, by the property's name.
   * Undefined stands for a value that the schema does not tell enough of.
   */
  sample(given: Schema, known: Readonly<Record<string, unknown>> = {}): unknown {
    const schema = this.resolve(given);
    if (schema.example !== undefined && !this.isAbout(schema, known)) return schema.example;
    if (schema.enum !== undefined) return schema.enum[0];
    const options = schema.anyOf ?? schema.oneOf ?? [];
    const option = options.find((each) => this.isAbout(each, known)) ?? options[0];
    if (option !== undefined) return this.sample(option, known);
    switch (typesOf(schema)[0]) {
      case 'object':
        return this.sampleObject(schema, known);
      case 'array':
        return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () => this.sample(schema.items ?? {}, known));
      case 'integer':
      case 'number':
        return Math.max(1, schema.minimum ?? 1);
      case 'boolean':
        return false;
      case 'string':
        return sampleText(schema);
      default:
        return undefined;
    }
  }

  /** Whether something is known of what it holds: then an example of the whole is not enough. */
  private isAbout(given: Schema, known: Readonly<Record<string, unknown>>): boolean {
    const { properties = {}, items } = this.resolve(given);
    return items === undefined ? Object.keys(properties).some((name) => name in known) : this.isAbout(items, known);
  }

  private sampleObject({ properties = {}, required = [] }: Schema, known: Readonly<Record<string, unknown>>): unknown {
    const wanted = Object.entries(properties).filter(([name]) => required.includes(name) || name in known);
    return Object.fromEntries(
      wanted.map(([name, schema]) => [name, name in known ? known[name] : this.sample(schema, known)]),
    );
  }

  /** What of the value does not fit, each with its path; properties that the schema does not list do not fit either. */
  faults(given: Schema, value: unknown, path = ''): string[] {
    const schema = this.resolve(given);
    const options = schema.anyOf ?? schema.oneOf;
    if (options !== undefined)
      return options.some((option) => this.faults(option, value).length === 0) ? [] : [`${path}: fits no option`];
    const types = typesOf(schema);
    if (types.length > 0 && !types.some((type) => isOf(type, value))) return [`${path}: is no ${types.join('|')}`];
    if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${path}: is not in the list`];
    if (Array.isArray(value))
      return value.flatMap((item, at) => this.faults(schema.items ?? {}, item, `${path}.${String(at)}`));
    if (typeof value === 'object' && value !== null)
      return this.faultsOfObject(schema, value as Record<string, unknown>, path);
    return typeof value === 'string' ? faultsOfText(schema, value, path) : faultsOfNumber(schema, value, path);
  }

  private faultsOfObject(schema: Schema, value: Record<string, unknown>, path: string): string[] {
    const { properties = {}, required = [], additionalProperties } = schema;
    const isOpen = additionalProperties === true || (schema.properties === undefined && additionalProperties !== false);
    const missing = required.filter((name) => !(name in value)).map((name) => `${path}.${name}: is missing`);
    const inside = Object.entries(value).flatMap(([name, each]) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const other = typeof additionalProperties === 'object' ? additionalProperties : undefined;
      const found = own ?? other;
      if (found !== undefined) return this.faults(found, each, `${path}.${name}`);
      return isOpen ? [] : [`${path}.${name}: is not in the schema`];
    });
    return [...missing, ...inside];
  }
}

export const typesOf = ({ type, properties }: Schema): readonly string[] =>
  type === undefined ? (properties === undefined ? [] : ['object']) : typeof type === 'string' ? [type] : type;

function sampleText({ format, minLength = 1, pattern }: Schema): string {
  if (format === 'uuid') return '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11';
  if (format === 'date-time') return '2026-11-20T15:53:55.120Z';
  if (format === 'date') return '2026-11-20';
  if (format === 'email') return 'ada@example.com';
  const text = 'sample'.padEnd(minLength, 'x');
  return [text, '12.00', '12', 'AAA', '+49301234'].find((each) => new RegExp(pattern ?? '').test(each)) ?? text;
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function faultsOfText({ format, pattern, minLength = 0, maxLength = Infinity }: Schema, text: string, path: string) {
  const faults: string[] = [];
  const length = Array.from(text).length;
  if (length < minLength || length > maxLength) faults.push(`${path}: has ${String(length)} characters`);
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(text)) faults.push(`${path}: does not match ${pattern}`);
  const known = format === undefined ? undefined : FORMATS[format];
  if (format !== undefined && known === undefined) throw new Error(`the tests do not know the format ${format}`);
  if (known?.test(text) === false) faults.push(`${path}: "${text}" is no ${String(format)}`);
  return faults;
}

function faultsOfNumber({ minimum = -Infinity, maximum = Infinity }: Schema, value: unknown, path: string): string[] {
  return typeof value === 'number' && (value < minimum || value > maximum) ? [`${path}: is out of range`] : [];
}
