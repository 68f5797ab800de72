import pg from 'pg';

/** A table of a place whose rows belong to tenants. */
export interface MovedTable {
  readonly name: string;
  /** Columns that are copied, with their types: generated ones make themselves. */
  readonly columns: readonly Column[];
  /** Of the primary key, besides organization_id. */
  readonly key: readonly Column[];
  /** Nobody deletes its rows, but for the function that removes copies. */
  readonly appendOnly: boolean;
  /** Columns by which rows refer to others of the same table, with those that they refer to. */
  readonly selfReferences: readonly (readonly { readonly column: string; readonly refersTo: string }[])[];
  /** Its rows may refer to some that come after them: of its own, or of a table in a circle with it. */
  readonly refersOnward: boolean;
}
export interface Column {
  readonly name: string;
  readonly type: string;
  /** A row comes to be without it: it may be null, or has a default. */
  readonly isOptional: boolean;
}
type Row = Omit<MovedTable, 'refersOnward'> & { readonly parents: readonly string[] };

const column = `json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'isOptional', not a.attnotnull or a.atthasdef)`;
const list = (select: string) => `coalesce((${select}), '[]')`;

const TABLES = `select c.relname as name, not has_table_privilege(c.oid, 'delete') as "appendOnly",
  ${list(`select json_agg(${column} order by a.attnum) from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`)} as columns,
  ${list(`select json_agg(${column} order by k.at) from pg_index i, unnest(i.indkey::smallint[]) with ordinality k(number, at)
    join pg_attribute a on a.attnum = k.number
    where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attname <> 'organization_id'`)} as key,
  ${list(`select json_agg(distinct p.relname) from pg_constraint f join pg_class p on p.oid = f.confrelid
    where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid and f.conparentid = 0`)} as parents,
  ${list(`select json_agg((select json_agg(json_build_object('column', a.attname, 'refersTo', r.attname))
      from unnest(f.conkey, f.confkey) k(own, other)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.own join pg_attribute r on r.attrelid = c.oid and r.attnum = k.other))
    from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.confrelid = c.oid and f.conparentid = 0`)} as "selfReferences"
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition
    and (n.nspname = 'core' and c.relname = 'organizations'
      or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped))
  order by c.relname`;

/** The tables of a schema that have rows of tenants (in core with tenants themselves), each after those that it refers to. */
export async function readTables(client: pg.Client, schema: string): Promise<MovedTable[]> {
  const { rows } = await client.query<Row>(TABLES, [schema]);
  const left = new Map(rows.map((row) => [row.name, row]));
  const ordered: MovedTable[] = [];
  while (left.size > 0) {
    const free = [...left.values()].filter(({ parents }) => !parents.some((parent) => left.has(parent)));
    // a circle: its constraints are deferred like all others
    const next = free.length > 0 ? free : [...left.values()];
    for (const { parents: _, ...table } of next) {
      ordered.push({ ...table, refersOnward: free.length === 0 || table.selfReferences.length > 0 });
      left.delete(table.name);
    }
  }
  return ordered;
}

/** How the tables of two places differ, in words; undefined: they do not. */
export function differenceOf(source: readonly MovedTable[], target: readonly MovedTable[]): string | undefined {
  const [here, there] = [source, target].map(
    (tables) =>
      new Map(
        tables.map(({ name, columns }) => [
          name,
          columns
            .map((each) => `${each.name} ${each.type}`)
            .sort()
            .join(', '),
        ]),
      ),
  );
  const names = [...new Set([...(here?.keys() ?? []), ...(there?.keys() ?? [])])].sort();
  const different = names.filter((name) => here?.get(name) !== there?.get(name));
  return different.length === 0 ? undefined : different.join(', ');
}

export const tableAt = (schema: string, { name }: MovedTable): string =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
export const columnList = (columns: readonly Column[]): string =>
  columns.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
