import type pg from 'pg';
import { newId } from '../../../common/ids.js';
import { NotFound } from '../../../common/problem.js';
import type { ConnectionSource, DatabaseAt } from '../../database/index.js';
import { SYSTEM } from '../scope.js';
import type { MoveStatus } from './move.entity.js';

/** A location as a move needs it. */
export interface MovePlace extends DatabaseAt {
  readonly id: string;
  readonly isolation: 'shared' | 'schema' | 'database';
  readonly schema: string;
  readonly status: string;
}
/** A move as it is in core. Times are in milliseconds, counts are of rows. */
export interface MoveRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly status: MoveStatus;
  /** Of the tenant while it is at the source; at the target it is one more. */
  readonly epoch: number;
  readonly from: MovePlace;
  readonly to: MovePlace;
  readonly rowsTotal: number;
  readonly rowsCopied: number;
  readonly rowsCaughtUp: number;
  readonly pauseMs: number | null;
  readonly fenceTries: number;
  readonly error: string | null;
  readonly switchedAt: string | null;
  readonly finishedAt: string | null;
  readonly cleanedAt: string | null;
  /** Who asked for it; null: the system. */
  readonly createdBy: string | null;
}
export interface MoveNotes {
  status?: MoveStatus;
  rows_total?: number;
  rows_copied?: number;
  rows_caught_up?: number;
  pause_ms?: number;
  fence_tries?: number;
  error?: string | null;
  /** Nothing of it is left anywhere. */
  cleaned?: boolean;
}

/** How core is asked: by a pool, or by the connection that holds the lease. */
export type AskCore = <Row extends object>(text: string, values: unknown[]) => Promise<Row[]>;
type Asked = Pick<ConnectionSource, 'query'>;
export const askBy =
  (by: Asked): AskCore =>
  async <Row extends object>(text: string, values: unknown[]) =>
    (await by.query<Row & pg.QueryResultRow>(text, values)).rows;

const place = (alias: string): string =>
  `json_build_object('id', ${alias}.id, 'isolation', ${alias}.isolation, 'server', ${alias}.server,
    'database', ${alias}.database_name, 'schema', ${alias}.schema_name, 'status', ${alias}.status)`;
const MOVE = `select m.id, m.organization_id as "organizationId", m.status, m.epoch, ${place('f')} as from, ${place('t')} as to,
    m.rows_total as "rowsTotal", m.rows_copied as "rowsCopied", m.rows_caught_up as "rowsCaughtUp", m.pause_ms as "pauseMs",
    m.fence_tries as "fenceTries", m.error, m.switched_at as "switchedAt", m.finished_at as "finishedAt", m.cleaned_at as "cleanedAt", m.created_by as "createdBy"
  from core.moves m join core.locations f on f.id = m.from_location_id join core.locations t on t.id = m.to_location_id`;

type StoredPlace = Omit<MovePlace, 'database'> & { readonly database: string | null };
type Stored = Omit<MoveRecord, 'from' | 'to'> & Record<'from' | 'to', StoredPlace>;

/** @throws NotFound */
export async function readMove(ask: AskCore, id: string, mainDatabase: string): Promise<MoveRecord> {
  const [row] = await ask<Stored>(`${MOVE} where m.id = $1`, [id]);
  if (row === undefined) throw NotFound();
  const whole = ({ database, ...rest }: StoredPlace): MovePlace => ({
    ...rest,
    database: database ?? mainDatabase,
  });
  return { ...row, from: whole(row.from), to: whole(row.to) };
}

/** Where core says that a tenant is. */
export interface Whereabouts {
  readonly locationId: string | null;
  readonly epoch: number;
}
/** @throws NotFound */
export async function readWhereabouts(ask: AskCore, organizationId: string): Promise<Whereabouts> {
  const [row] = await ask<Whereabouts>(
    'select location_id as "locationId", epoch from core.organizations where id = $1',
    [organizationId],
  );
  if (row === undefined) throw NotFound();
  return row;
}

/** A move that is asked for. The one unfinished move that a tenant can have is a unique key. */
export async function insertMove(
  ask: AskCore,
  organizationId: string,
  toLocationId: string,
  actorId: string | null,
): Promise<string> {
  const [row] = await ask<{ id: string }>(
    `insert into core.moves (id, organization_id, from_location_id, to_location_id, epoch, created_by, updated_by)
     select $1, o.id, o.location_id, l.id, o.epoch, $4, $4 from core.organizations o, core.locations l
     where o.id = $2 and o.deleted_at is null and o.location_id is not null and l.id = $3 for share of o returning id`,
    [newId(), organizationId, toLocationId, actorId],
  );
  if (row === undefined) throw NotFound();
  return row.id;
}

/** Of a move `m`, in SQL. */
export const IS_UNDER_WAY = `m.status not in ('done', 'failed', 'aborted')`;
export const isOver = (status: MoveStatus): boolean => ['done', 'failed', 'aborted'].includes(status);

/** @returns whether somebody wants the move taken back */
export async function noteMove(client: pg.Client, id: string, { cleaned, ...notes }: MoveNotes): Promise<boolean> {
  const entries = Object.entries(notes);
  const sets = [
    ...entries.map(([name], at) => `${name} = $${String(at + 2)}`),
    'updated_at = now()',
    ...(notes.status !== undefined && isOver(notes.status) ? ['finished_at = now()'] : []),
    ...(cleaned === true ? ['cleaned_at = now()'] : []),
  ];
  const { rows } = await client.query<{ abort: boolean }>(
    `update core.moves set ${sets.join(', ')} where id = $1 returning abort_requested_at is not null as abort`,
    [id, ...entries.map(([, value]) => value)],
  );
  return rows[0]?.abort === true;
}

/** Core learns that the tenant is at the target: from its commit on every node is told. One statement, for all wait for it. */
export async function placeTenant(client: pg.Client, move: MoveRecord): Promise<void> {
  const { id, organizationId, epoch, from, to, createdBy } = move;
  const told = ({ isolation, server }: MovePlace) => ({ isolation, server });
  const { rowCount } = await client.query(
    `with placed as (update core.organizations set location_id = $2, epoch = $3, version = version + 1, updated_at = now()
       where id = $1 and location_id = $4 and epoch = $5 returning id),
     noted as (update core.moves set switched_at = now(), updated_at = now() where id = $6 and exists (select from placed))
     insert into core.audit_log (organization_id, id, actor_id, actor_kind, action, resource, resource_id, changes)
     select id, $7, $8::uuid, $9, 'move', 'organizations', id, $10 from placed`,
    [
      ...[organizationId, to.id, epoch + 1, from.id, epoch, id, newId(), createdBy],
      createdBy === null ? SYSTEM.kind : 'platform',
      JSON.stringify({ before: told(from), after: told(to) }),
    ],
  );
  if (rowCount !== 1) throw new Error('core has the tenant elsewhere than where its move began');
}
