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
    return { ...prepared(text), values: this.values };
  }
}

/** Shapes of statements that get a name: each connection keeps the plans of those, so a caller must not make them up. */
const MAX_NAMED = 2_000;
const named = new Map<string, { name: string; text: string }>();

/** The name of a text that was met before is the same; a text beyond the first 2,000 has none and is parsed each time. */
function prepared(text: string): { name?: string; text: string } {
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
