import type { ArchivedTable } from './archive-format.js';
import type { CoreTable } from '../core-tables.js';

/** Values as COPY wrote them. */
export type Row = readonly (string | null)[];
type Columns = ArchivedTable['columns'];

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** All columns of rows, as one array of texts each, under the name r; the arrays are the parameters after `from`. */
export const rowSource = (columns: Columns, from: number): string => {
  const arrays = columns.map((_, at) => `$${String(at + from)}::text[]`);
  return `unnest(${arrays.join(', ')}) as r(${columns.map(({ name }) => quoted(name)).join(', ')})`;
};
export const arraysOf = (columns: Columns, rows: readonly Row[]): (string | null)[][] =>
  columns.map((_, at) => rows.map((row) => row[at] ?? null));

/** SQL of a column's value in a row r. */
export const valueOf = ({ name, type }: Columns[number], { writeAs = {} }: Pick<CoreTable, 'writeAs'>): string =>
  writeAs[name] ?? `r.${quoted(name)}::${type}`;
