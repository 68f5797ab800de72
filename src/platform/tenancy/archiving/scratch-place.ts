import { createHash } from 'node:crypto';
import pg from 'pg';
import { Conflict } from '../../../common/problem.js';
import {
  type CopiedRows,
  copyIn,
  copyOut,
  type DatabaseAt,
  type LocationMaker,
  MAIN_SERVER,
  type Servers,
  TENANT_SCHEMA,
} from '../../database/index.js';
import { connect } from '../moving/move-session.js';
import { columnList, type MovedTable, readTables, tableAt } from '../moving/place-tables.js';
import { rollBack } from './archive-place.js';
import { orderedRows } from './tenant-reader.js';

/**
 * Where rows of an older version become rows of this one: tables as they were then, in a database of their own, since
 * early migrations would make the schema `tenancy` of another older. They are filled, and then migrated to the end.
 */
export class ScratchPlace {
  private constructor(
    private readonly maker: LocationMaker,
    private readonly at: DatabaseAt,
    /** Holds the name; its lock goes with it. */
    private readonly holder: pg.Client,
    private readonly client: pg.Client,
  ) {}

  /**
   * For the rows of a tenant as they were at a migration. What an earlier one has left of it goes.
   * @throws Conflict while another process has one for it; Unavailable without the owner's login
   */
  static async make(
    servers: Servers,
    maker: LocationMaker,
    tenantId: string,
    migration: string,
  ): Promise<ScratchPlace> {
    const name = nameOf(servers.main, tenantId);
    const at = { server: MAIN_SERVER, database: name };
    const holder = await patient(servers.url('owner'));
    try {
      const { rows } = await holder.query<{ free: boolean }>(
        `select pg_try_advisory_lock(hashtextextended('tenantry:scratch:' || $1, 0)) as free`,
        [name],
      );
      if (rows[0]?.free !== true) throw Conflict({ detail: 'The same archive is being restored by another process.' });
      await maker.makeScratch(at, migration);
      return new ScratchPlace(maker, at, holder, await patient(servers.url('owner', at)));
    } catch (error) {
      await holder.end();
      throw error;
    }
  }

  /** As they are now, parents first, and open to the owner, whom their forced policies would keep out. */
  async tables(): Promise<readonly MovedTable[]> {
    const tables = await readTables(this.client, TENANT_SCHEMA);
    for (const table of tables)
      await this.client.query(`alter table ${tableAt(TENANT_SCHEMA, table)} no force row level security`);
    return tables;
  }

  /** All rows in one transaction, which `work` fills by `load`. */
  async filling(work: () => Promise<void>): Promise<void> {
    await this.client.query('begin; set constraints all deferred');
    try {
      await work();
      await this.client.query('commit');
    } catch (error) {
      await rollBack(this.client);
      throw error;
    }
  }

  load(table: MovedTable, rows: CopiedRows): Promise<void> {
    const target = `${tableAt(TENANT_SCHEMA, table)} (${columnList(table.columns)})`;
    return copyIn(this.client, `copy ${target} from stdin`, rows);
  }

  /** From here on its tables are those of this version. */
  migrate(): Promise<void> {
    return this.maker.finishScratch(this.at);
  }

  copy(table: MovedTable, organizationId: string, take: (rows: CopiedRows) => Promise<void>): Promise<void> {
    return copyOut(this.client, orderedRows(TENANT_SCHEMA, table, organizationId), take);
  }

  /** Nothing is left of it. */
  async close(): Promise<void> {
    await this.client.end();
    try {
      await this.maker.dropScratch(this.at);
    } finally {
      await this.holder.end();
    }
  }
}

/** Other installations on the server have their own. */
const nameOf = ({ database }: DatabaseAt, tenantId: string): string =>
  `tenantry_restore_${createHash('sha256').update(`${database} ${tenantId}`).digest('hex').slice(0, 16)}`;

/** What is idle there waits for work that goes on elsewhere. */
async function patient(url: string): Promise<pg.Client> {
  const client = await connect(url);
  await client.query('set idle_session_timeout = 0; set idle_in_transaction_session_timeout = 0');
  return client;
}
