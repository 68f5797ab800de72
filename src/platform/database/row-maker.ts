/** PostgreSQL's answer to Describe, as pg reads it. */
export interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}
/** Makes a row of the texts that PostgreSQL sends for it. */
export type MakeRow = (texts: readonly (string | null)[]) => object;
type Parse = (text: string) => unknown;
/** pg's table of parsers, by the types' oids. */
export interface Parsers {
  getTypeParser(oid: number, format: 'text'): Parse;
}

/** Of a text that no parser changes it is known that it is the value. */
const PROBE = '\u0000 no value of any type';

/** By the columns: a function of each connection's own would be made, and made fast, again for each of them. */
const compiled = new Map<string, { readonly parsers: readonly Parse[]; readonly make: MakeRow }>();

/**
 * What makes the rows of a statement: one object literal, whose columns that stay text are taken as they are. pg's own
 * way, a copy of an empty row filled column by column, costs three times as much.
 */
export function rowMaker({ fields }: RowDescription, types: Parsers): MakeRow {
  const parsers = fields.map(({ dataTypeID }) => types.getTypeParser(dataTypeID, 'text'));
  const columns = JSON.stringify(fields.map(({ name, dataTypeID }) => [name, dataTypeID]));
  const known = compiled.get(columns);
  if (known?.parsers.every((parse, at) => parse === parsers[at]) === true) return known.make;
  const make = compile({ fields }, parsers);
  compiled.set(columns, { parsers, make });
  return make;
}

function compile({ fields }: RowDescription, parsers: readonly Parse[]): MakeRow {
  const columns = fields.map(({ name }, at) => {
    const text = `t[${String(at)}]`;
    const value = staysText(parsers[at]) ? text : `${text} === null ? null : p[${String(at)}](${text})`;
    // a literal takes this name alone for something else
    return `${name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: ${value}`;
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- made of numbers and quoted names alone, once for these columns
  const bind = new Function('p', `return (t) => ({ ${columns.join(', ')} })`) as (parsers: readonly Parse[]) => MakeRow;
  return bind(parsers);
}

function staysText(parse: Parse | undefined): boolean {
  try {
    return parse === undefined || parse(PROBE) === PROBE;
  } catch {
    return false;
  }
}
