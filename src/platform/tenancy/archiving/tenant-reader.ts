import pg from 'pg';
import { Conflict, NotFound } from '../../../common/problem.js';
import { type CopiedRows, copyOut, type Servers } from '../../database/index.js';
import { readFence } from '../moving/fences.js';
import { MoveSession } from '../moving/move-session.js';
import { type MovedTable, readTables, tableAt } from '../moving/place-tables.js';
import { type HeldPlace, holdPlace, LEASE_MS } from './archive-place.js';

type Take = (rows: CopiedRows) => Promise<void>;

/** How a column is read where it is not its own text: by its name, SQL. */
export type ReadAs = Readonly<Record<string, string>>;

/** In the order of the key, so that the same rows are the same lines. */
export function orderedRows(
  schema: string,
  table: MovedTable,
  organizationId: string,
  as: ReadAs = {},
  own = 'organization_id',
): string {
  const columns = table.columns.map(({ name }) => {
    const expression = as[name];
    return expression === undefined ? `t.${pg.escapeIdentifier(name)}` : expression;
  });
  // in one order on whatever server
  const order = table.key.map(
    ({ name, type }) => `t.${pg.escapeIdentifier(name)}${/^(text|character)/.test(type) ? ' collate "C"' : ''}`,
  );
  const rows = `select ${columns.join(', ')} from ${tableAt(schema, table)} t where t.${own} = ${pg.escapeLiteral(organizationId)}`;
  return `copy (${rows}${order.length > 0 ? ` order by ${order.join(', ')}` : ''}) to stdout`;
}

/**
 * Reads all that there is of a tenant: at its place by the mover's login, bound to the one tenant, then in core by the
 * platform's. Each at one snapshot, that of core right after the other. Nobody moves the tenant meanwhile.
 */
export class TenantReader {
  private constructor(
    private readonly session: MoveSession,
    private readonly organizationId: string,
    private readonly client: pg.Client,
    readonly place: HeldPlace,
    /** Of the place; of core. Parents first. */
    readonly tables: readonly MovedTable[],
    readonly coreTables: readonly MovedTable[],
  ) {}

  /** @throws NotFound, Conflict, Unavailable where this process has no login of a mover there */
  static async open(servers: Servers, organizationId: string): Promise<TenantReader> {
    const session = await MoveSession.open(servers, organizationId, LEASE_MS);
    try {
      const place = await holdPlace(session, organizationId);
      const client = await session.at('source', place);
      const fence = await readFence(client, organizationId);
      if (fence?.state !== 'active' || fence.epoch !== place.epoch)
        throw Conflict({ detail: 'The tenant is not open at the place where core has it.' });
      const tables = await readTables(client, place.schema);
      return new TenantReader(session, organizationId, client, place, tables, await readTables(session.core, 'core'));
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** From here on both are read as they are now. @returns when, by core's clock */
  async beginBoth(): Promise<string> {
    await this.client.query('begin isolation level repeatable read read only');
    const { rows } = await this.session.core.query<{ now: string }>(
      `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
    );
    // the snapshot is taken by the first statement that reads
    await this.client.query(`select from ${pg.escapeIdentifier(this.place.schema)}.outbox limit 1`);
    await this.session.core.query('begin isolation level repeatable read read only');
    await this.session.core.query('select from core.organizations limit 1');
    return rows[0]?.now ?? '';
  }

  /** As core has it in that snapshot. */
  async nameInCore(): Promise<{ readonly code: string; readonly name: string }> {
    const { rows } = await this.session.core.query<{ code: string; name: string }>(
      'select tenant_code as code, tenant_name as name from core.organizations where id = $1',
      [this.organizationId],
    );
    const [row] = rows;
    if (row === undefined) throw NotFound();
    return row;
  }

  copyPlace(table: MovedTable, take: Take): Promise<void> {
    return copyOut(this.client, orderedRows(this.place.schema, table, this.organizationId), take);
  }

  /** @param own the column that names the tenant */
  copyCore(table: MovedTable, as: ReadAs, own: string, take: Take): Promise<void> {
    return copyOut(this.session.core, orderedRows('core', table, this.organizationId, as, own), take);
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
