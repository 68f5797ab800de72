import type { TenantTable } from '../../../platform/tenancy/index.js';
import type { ArchiveContents } from '../format/archive-contents.js';
import { ArchiveRefused, type Plane } from '../format/archive-format.js';

export interface ToldTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export const archivedTables = ({ tables }: Pick<ArchiveContents, 'tables'>, plane: Plane): ToldTable[] =>
  tables.filter((each) => each.plane === plane).map(({ table: name, columns }) => ({ name, columns }));

const told = ({ name, columns }: ToldTable): string =>
  `${name} (${columns
    .map((column) => `${column.name} ${column.type}`)
    .sort()
    .join(', ')})`;

/** @throws ArchiveRefused where tables or columns are others: by name and type, in whatever order */
export function assertSame(archived: readonly ToldTable[], here: readonly ToldTable[]): void {
  const known = new Set(archived.map(told));
  const different = here.map(told).filter((each) => !known.has(each));
  if (different.length === 0 && known.size === here.length) return;
  throw new ArchiveRefused(`The archive has other tables than these here: ${different.join('; ') || 'more of them'}.`);
}

/**
 * Whether rows of older tables are rows of these: where columns have only been added, and rows come to be without them.
 * @throws ArchiveRefused with the names of those of which that is not so
 */
export function assertGrown(archived: readonly ToldTable[], here: readonly TenantTable[], version: string): void {
  const wrong = archived.flatMap(({ name, columns }) => {
    const table = here.find((each) => each.name === name);
    if (table === undefined) return [name];
    const gone = columns.filter(
      ({ name: column, type }) => !table.columns.some((each) => each.name === column && each.type === type),
    );
    const asked = table.columns.filter(
      (column) => !column.isOptional && !columns.some((each) => each.name === column.name),
    );
    return [...gone, ...asked].map((column) => `${name}.${column.name}`);
  });
  if (wrong.length === 0) return;
  throw new ArchiveRefused(
    `The archive is older than the tables here, and of core it has in another way: ${wrong.join(', ')}. Restore it with the version ${version}, migrate there, and export it anew.`,
  );
}

/** The same table at the place, with the columns in that order. @throws ArchiveRefused */
export function asThere({ name, columns }: ToldTable, tables: readonly TenantTable[]): TenantTable {
  const table = tables.find((each) => each.name === name);
  if (table === undefined) throw new ArchiveRefused(`There is no table ${name} here.`);
  return {
    ...table,
    columns: columns.flatMap((column) => table.columns.filter((each) => each.name === column.name)),
  };
}
