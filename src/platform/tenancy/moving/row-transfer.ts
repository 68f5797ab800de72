import pg from 'pg';
import { type CopiedRows, copyOut } from '../../database/index.js';
import { unhurried } from './brake.js';
import { columnList, type MovedTable, tableAt } from './place-tables.js';
import { RowLoader, type Side } from './row-loader.js';

/** Keys in one statement. */
const KEYS_AT_ONCE = 10_000;
/** Of a copy that is not in a hurry. */
const BYTES_AT_ONCE = 256 * 1024;

/** Changed rows of a table: JSON objects of the columns of their keys. */
export type ChangedKeys = ReadonlyMap<string, readonly string[]>;

/** Carries rows from one place to the other, inside transactions that the caller begins and ends. */
export class RowTransfer {
  private readonly own: string;
  private readonly loader: RowLoader;

  constructor(
    private readonly source: Side,
    private readonly target: Side,
    organizationId: string,
    private readonly tables: readonly MovedTable[],
  ) {
    this.own = `organization_id = ${pg.escapeLiteral(organizationId)}`;
    this.loader = new RowLoader(target);
  }

  async makeStaging(): Promise<void> {
    for (const table of this.tables) await this.loader.makeStaging(table);
  }

  /** How many rows the tenant has at the source. */
  async count(): Promise<number> {
    let count = 0;
    for (const table of this.tables) {
      const { rows } = await this.source.client.query<{ count: number }>(
        `select count(*)::int as count from ${tableAt(this.source.schema, table)} where ${this.own}`,
      );
      count += rows[0]?.count ?? 0;
    }
    return count;
  }

  /**
   * All rows without haste, parents first. `onRows` hears how many more there are at the target. @returns the tables that
   * had any
   */
  async copyAll(onRows: (count: number) => Promise<void>): Promise<MovedTable[]> {
    const filled = new Set<MovedTable>();
    for (const table of this.tables) {
      const all = `select ${columnList(table.columns)} from ${tableAt(this.source.schema, table)} where ${this.own}`;
      const take = async (rows: CopiedRows): Promise<void> => {
        await unhurried(() => this.loadChecked(table, rows));
        filled.add(table);
        await onRows(rows.count);
      };
      await copyOut(this.source.client, `copy (${all}) to stdout`, take, BYTES_AT_ONCE);
    }
    return [...filled];
  }

  /** Whom the rows refer to is looked for at once, where he is there by now, and not for all of them at the commit. */
  private async loadChecked(table: MovedTable, rows: CopiedRows): Promise<void> {
    await this.loader.load(table, rows);
    if (!table.refersOnward)
      await this.target.client.query('set constraints all immediate; set constraints all deferred');
  }

  /**
   * Makes changed rows at the target what they are at the source: all go, then those that are there now come. Of the same
   * state, order and repetition do no harm.
   */
  async carryOver(changed: ChangedKeys): Promise<void> {
    const removals = this.tables.toReversed().flatMap((table) => {
      if (table.appendOnly) return [];
      const name = tableAt(this.target.schema, table);
      return this.chosen(table, changed).map(
        (keys) =>
          `delete from ${name} where ${this.own} and ctid = any (array(${this.found(this.target, table, 'ctid', keys)}))`,
      );
    });
    if (removals.length > 0) await this.target.client.query(removals.join('; '));
    for (const table of this.tables) {
      for (const keys of this.chosen(table, changed)) {
        const rows = this.found(this.source, table, columnList(table.columns), keys);
        await copyOut(this.source.client, `copy (${rows}) to stdout`, (copied) => this.loader.load(table, copied));
      }
    }
  }

  /**
   * Rows by their keys, one look into the primary key each: an offset is a fence to the planner, which knows nothing yet of a
   * table that was filled a moment ago.
   */
  private found({ schema }: Side, table: MovedTable, columns: string, keys: string): string {
    const same = table.key.map(({ name, type }) => {
      const value = `(k.key ->> ${pg.escapeLiteral(name)})::${type}`;
      return ` and ${pg.escapeIdentifier(name)} = ${value}`;
    });
    return `select r.* from jsonb_array_elements(${pg.escapeLiteral(keys)}::jsonb) k(key),
      lateral (select ${columns} from ${tableAt(schema, table)} where ${this.own}${same.join('')} offset 0) r`;
  }

  /** Changed keys of a table, so many at once, as JSON. */
  private chosen(table: MovedTable, changed: ChangedKeys): string[] {
    const keys = changed.get(table.name) ?? [];
    const chunks: string[] = [];
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE)
      chunks.push(`[${keys.slice(at, at + KEYS_AT_ONCE).join(',')}]`);
    return chunks;
  }
}
