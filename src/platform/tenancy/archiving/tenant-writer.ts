import { createHash } from 'node:crypto';
import type pg from 'pg';
import { type CopiedRows, copyOut, type Servers } from '../../database/index.js';
import { closeFence, readFence, turnFence } from '../moving/fences.js';
import { MoveSession } from '../moving/move-session.js';
import { type MovedTable, readTables } from '../moving/place-tables.js';
import { removeCopy } from '../moving/removal.js';
import { RowLoader } from '../moving/row-loader.js';
import { type HeldPlace, holdPlace, LEASE_MS, rollBack } from './archive-place.js';
import { orderedRows } from './tenant-reader.js';

type WritablePlace = Pick<HeldPlace, 'server' | 'database' | 'schema' | 'epoch'> & Partial<Pick<HeldPlace, 'id'>>;

/** Fills the place of a tenant whom core lets nobody reach. Whatever stood there of it goes. */
export class TenantWriter {
  private target: { readonly client: pg.Client; readonly place: WritablePlace; readonly loader: RowLoader } | undefined;

  private constructor(
    private readonly session: MoveSession,
    private readonly organizationId: string,
    readonly coreTables: readonly MovedTable[],
  ) {}

  /** Nobody else moves, reads or writes the tenant as a whole from here on; it need not be there yet. @throws Conflict */
  static async open(servers: Servers, organizationId: string): Promise<TenantWriter> {
    const session = await MoveSession.open(servers, organizationId, LEASE_MS);
    try {
      return new TenantWriter(session, organizationId, await readTables(session.core, 'core'));
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Those of a schema beside core, parents first. */
  tablesIn(schema: string): Promise<readonly MovedTable[]> {
    return readTables(this.session.core, schema);
  }

  /** Connects to where core has the tenant. @returns the tables there, parents first @throws as `holdPlace` does */
  async reach(): Promise<readonly MovedTable[]> {
    return this.reachAt(await holdPlace(this.session, this.organizationId));
  }

  /** Connects to a place that the caller has made, and that core need not know. @returns the tables there, parents first */
  async reachAt(place: WritablePlace): Promise<readonly MovedTable[]> {
    const client = await this.session.at('target', place);
    this.target = { client, place, loader: new RowLoader({ client, schema: place.schema }) };
    return readTables(client, place.schema);
  }

  /** Closes the fence, if it ever was open, and removes what rows there are. Can be repeated. @returns the epoch to come */
  async clear(tables: readonly MovedTable[]): Promise<number> {
    const { client, place } = this.at;
    const epoch = await this.closeFence(client, place.epoch);
    await removeCopy(client, place.schema, this.organizationId, tables);
    return epoch;
  }

  /** All rows in one transaction, which `work` fills by `load`. */
  async filling(tables: readonly MovedTable[], work: () => Promise<void>): Promise<void> {
    const { client, place, loader } = this.at;
    for (const table of tables) await loader.makeStaging(table);
    await client.query('begin; set constraints all deferred');
    try {
      await work();
      await client.query('commit');
    } catch (error) {
      await rollBack(client);
      throw error;
    }
    for (const { name } of tables) await client.query('select tenancy.analyze_copy($1, $2)', [place.schema, name]);
  }

  load(table: MovedTable, rows: CopiedRows): Promise<void> {
    return this.at.loader.load(table, rows);
  }

  /** The sha256 of a table's lines as they are there now, in hexadecimal digits. */
  async sumOf(table: MovedTable): Promise<string> {
    const { client, place } = this.at;
    const hash = createHash('sha256');
    await copyOut(client, orderedRows(place.schema, table, this.organizationId), ({ bytes }) => {
      hash.update(bytes);
      return Promise.resolve();
    });
    return hash.digest('hex');
  }

  /** The place is open at this epoch; whether anybody gets there is core's word. */
  async openFence(epoch: number): Promise<void> {
    const { client, place } = this.at;
    const fence = await readFence(client, this.organizationId);
    const to = { state: 'active' as const, epoch, place: place.schema };
    await turnFence(client, this.organizationId, { from: fence, to });
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private get at() {
    if (this.target === undefined) throw new Error('the place has not been reached');
    return this.target;
  }

  private async closeFence(client: pg.Client, epoch: number): Promise<number> {
    const fence = await readFence(client, this.organizationId);
    if (fence !== undefined) return closeFence(client, this.organizationId, fence);
    await turnFence(client, this.organizationId, { from: undefined, to: { state: 'incoming', epoch } });
    return epoch;
  }
}
