import type { Statement } from '../database/index.js';

/** Text and values of one statement: a value is bound where its place is written, so that the two cannot part. */
export class Sql {
  readonly values: unknown[] = [];

  /** The place of the value in the text: `$3`. */
  bind(value: unknown): string {
    return `$${String(this.values.push(value))}`;
  }

  /** The place of a value whose type the context does not say: `$3::uuid`. */
  typed(value: unknown, type: string): string {
    return `${this.bind(value)}::${type}`;
  }

  statement(text: string): Statement {
    return this.prepared(preparedOf(text));
  }

  /** The same where `of` and `shape` determine the text, which is then put together once. */
  once(of: object, shape: string, text: () => string): Statement {
    let shapes = written.get(of);
    if (shapes === undefined) written.set(of, (shapes = new Map<string, Prepared>()));
    let known = shapes.get(shape);
    if (known === undefined) shapes.set(shape, (known = preparedOf(text())));
    return this.prepared(known);
  }

  private prepared({ name, text }: Prepared): Statement {
    return name === undefined ? { text, values: this.values } : { name, text, values: this.values };
  }
}

type Prepared = Pick<Statement, 'name' | 'text'>;
const written = new WeakMap<object, Map<string, Prepared>>();

/** Shapes of statements that get a name: each connection keeps the plans of those, so a caller must not make them up. */
const MAX_NAMED = 2_000;
const named = new Map<string, Prepared>();

/** The name of a text that was met before is the same; a text beyond the first 2,000 has none and is parsed each time. */
function preparedOf(text: string): Prepared {
  const known = named.get(text);
  if (known !== undefined) return known;
  if (named.size >= MAX_NAMED) return { text };
  // short: PostgreSQL's names end at 63 characters, and the tenant's schema is added
  const statement = { name: `r${named.size.toString(36)}`, text };
  named.set(text, statement);
  return statement;
}

/** A name of a column or table as it stands in SQL: `from` and `to` are columns too. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** A text as it stands in SQL, for what is known when a module is loaded. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
