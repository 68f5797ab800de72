import type pg from 'pg';
import { type CopiedRows, copyOut, type Servers } from '../../database/index.js';
import { connect } from '../moving/move-session.js';
import type { Column } from '../moving/place-tables.js';

export interface CoreColumns {
  readonly table: string;
  /** But for generated ones, which make themselves. */
  readonly columns: readonly Column[];
}
const COLUMNS = `select c.relname as "table", json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.relnamespace = 'core'::regnamespace and c.relname = any ($1) group by c.relname`;

/** Reads what core has of the platform itself, by the platform's login and at one snapshot. */
export class PlatformReader {
  private constructor(private readonly client: pg.Client) {}

  static async open(servers: Servers): Promise<PlatformReader> {
    const client = await connect(servers.url('platform'));
    await client.query('begin isolation level repeatable read read only');
    return new PlatformReader(client);
  }

  /** In the order in which they are asked for. */
  async columnsOf(tables: readonly string[]): Promise<CoreColumns[]> {
    const { rows } = await this.client.query<CoreColumns>(COLUMNS, [tables]);
    return tables.map((name) => {
      const found = rows.find(({ table }) => table === name);
      if (found === undefined) throw new Error(`there is no table core.${name}`);
      return found;
    });
  }

  /** @param select whose rows are taken */
  copy(select: string, take: (rows: CopiedRows) => Promise<void>): Promise<void> {
    return copyOut(this.client, `copy (${select}) to stdout`, take);
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
