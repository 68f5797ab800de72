import pg from 'pg';
import { copyIn, copyOut, type CopiedRows } from '../../database/index.js';
import { columnList, type MovedTable, tableAt } from './place-tables.js';

const FEW_ROWS = 500;
/** Keys in one statement. */
const KEYS_AT_ONCE = 10_000;

/** One tenant's rows at a place, as its session sees them: `app.organization_id` is set there, and policies hold. */
export interface Side {
  readonly client: pg.Client;
  readonly schema: string;
}

/** Changed rows of a table: JSON objects of the columns of their keys. */
export type ChangedKeys = ReadonlyMap<string, readonly string[]>;

const stagingOf = ({ name }: MovedTable): string => `pg_temp.${pg.escapeIdentifier(name)}`;

/** Carries rows from one place to the other, inside transactions that the caller begins and ends. */
export class RowTransfer {
  private readonly own: string;

  constructor(
    private readonly source: Side,
    private readonly target: Side,
    organizationId: string,
    private readonly tables: readonly MovedTable[],
  ) {
    this.own = `organization_id = ${pg.escapeLiteral(organizationId)}`;
  }

  /** COPY does not write into tables with policies: rows wait in temporary ones, and are inserted through the policies. */
  async makeStaging(): Promise<void> {
    for (const table of this.tables) {
      const from = tableAt(this.target.schema, table);
      await this.target.client.query(
        `create temporary table ${stagingOf(table)} as select ${columnList(table.columns)} from ${from} with no data`,
      );
    }
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

  /** All rows, parents first. `onRows` hears how many more there are at the target. */
  async copyAll(onRows: (count: number) => Promise<void>): Promise<void> {
    for (const table of this.tables) {
      await copyOut(this.source.client, this.selected(table, ''), async (rows) => {
        await this.load(table, rows);
        await onRows(rows.count);
      });
    }
  }

  /**
   * Makes changed rows at the target what they are at the source: all go, then those that are there now come. Of the same
   * state, order and repetition do no harm.
   */
  async carryOver(changed: ChangedKeys): Promise<void> {
    const removals = this.tables.toReversed().flatMap((table) => {
      const from = tableAt(this.target.schema, table);
      if (table.appendOnly) return [];
      return this.chosen(table, changed).map((condition) => `delete from ${from} where ${this.own}${condition}`);
    });
    if (removals.length > 0) await this.target.client.query(removals.join('; '));
    for (const table of this.tables) {
      for (const condition of this.chosen(table, changed)) {
        await copyOut(this.source.client, this.selected(table, condition), (rows) => this.load(table, rows));
      }
    }
  }

  private async load(table: MovedTable, rows: CopiedRows): Promise<void> {
    const { client, schema } = this.target;
    const [staging, columns] = [stagingOf(table), columnList(table.columns)];
    await copyIn(client, `copy ${staging} (${columns}) from stdin`, rows);
    // what nobody changes or deletes is there once and for all
    const again = table.appendOnly ? ' on conflict do nothing' : '';
    // a new file is dear for a few rows, which behind the fence they are
    const empty = rows.count > FEW_ROWS ? `truncate ${staging}` : `delete from ${staging}`;
    await client.query(
      `insert into ${tableAt(schema, table)} (${columns}) select ${columns} from ${staging}${again}; ${empty}`,
    );
  }

  private selected(table: MovedTable, condition: string): string {
    const from = tableAt(this.source.schema, table);
    return `copy (select ${columnList(table.columns)} from ${from} where ${this.own}${condition}) to stdout`;
  }

  private chosen(table: MovedTable, changed: ChangedKeys): string[] {
    const keys = changed.get(table.name) ?? [];
    const fields = table.key.map(({ name, type }) => `(k ->> ${pg.escapeLiteral(name)})::${type}`);
    const conditions: string[] = [];
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
      const json = pg.escapeLiteral(`[${keys.slice(at, at + KEYS_AT_ONCE).join(',')}]`);
      conditions.push(
        ` and (${columnList(table.key)}) in (select ${fields.join(', ')} from jsonb_array_elements(${json}::jsonb) k)`,
      );
    }
    return conditions;
  }
}
