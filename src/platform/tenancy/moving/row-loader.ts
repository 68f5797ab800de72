import pg from 'pg';
import { type CopiedRows, copyIn } from '../../database/index.js';
import { columnList, type MovedTable, tableAt } from './place-tables.js';

const FEW_ROWS = 500;

/** One tenant's rows at a place, as its session sees them: `app.organization_id` is set there, and policies hold. */
export interface Side {
  readonly client: pg.Client;
  readonly schema: string;
}

const stagingOf = ({ name }: MovedTable): string => `pg_temp.${pg.escapeIdentifier(name)}`;

/** COPY does not write into tables with policies: rows wait in temporary ones, and are inserted through the policies. */
export class RowLoader {
  constructor(private readonly target: Side) {}

  async makeStaging(table: MovedTable): Promise<void> {
    const from = tableAt(this.target.schema, table);
    await this.target.client.query(
      `create temporary table ${stagingOf(table)} as select ${columnList(table.columns)} from ${from} with no data`,
    );
  }

  async load(table: MovedTable, rows: CopiedRows): Promise<void> {
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
}
