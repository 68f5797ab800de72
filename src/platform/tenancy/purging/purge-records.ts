import type pg from 'pg';
import { Conflict, NotFound } from '../../../common/problem.js';
import type { MovePlace } from '../moving/move-records.js';

/** When a tenant may be purged: once it has been deleted for so long, or because it was never finished. */
export type PurgeTerms = { readonly kind: 'deleted'; readonly graceMs: number } | { readonly kind: 'half_made' };

/** Rows by table. */
export type RowCounts = Readonly<Record<string, number>>;

/** What is stored besides rows. */
export interface FileCounts {
  readonly files: number;
  readonly bytes: number;
}

/** What has been counted, kept in core so that a report survives whoever counted. */
export interface PurgeNotes {
  /** By the id of a place: what stood there once nobody could write any more. */
  readonly places: Readonly<Record<string, RowCounts>>;
  /** What has been removed from core. */
  readonly core: RowCounts;
  /** What was stored of it, counted before anything of that is removed. */
  readonly stored?: FileCounts;
  /** It was to come from an archive, and never did: nobody was ever in it. */
  readonly isRestoring: boolean;
}

/** What there was of a purged tenant. */
export interface PurgeReport {
  readonly id: string;
  readonly code: string;
  /** Rows by table, at its place and in core. */
  readonly rows: RowCounts;
  /** Rows that earlier moves had left elsewhere. */
  readonly copies: number;
  readonly stored: FileCounts;
}

/** A place that may have something of a tenant. */
export interface PurgedPlace extends MovePlace {
  /** Nobody else has anything to do with it: it goes as a whole. */
  readonly isOwn: boolean;
}

/** Milliseconds for which somebody is waited for who still works with what is to go. */
const PATIENCE_MS = 10_000;

export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query(`begin; set local lock_timeout = ${String(PATIENCE_MS)}`);
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Of a place: no other tenant stands there, and no move of another names it. */
export const IS_OWN = `l.isolation <> 'shared' and not exists (select from core.organizations x where x.location_id = l.id and x.id <> $1)
  and not exists (select from core.moves x where l.id in (x.from_location_id, x.to_location_id) and x.organization_id <> $1)`;
/** Of a place: the tenant `o` stands there, or its moves have been there. */
export const IS_NAMED = `(l.id = o.location_id
  or exists (select from core.moves m where m.organization_id = $1 and l.id in (m.from_location_id, m.to_location_id)))`;

const PLACES = `select l.id, l.isolation, l.server, coalesce(l.database_name, current_database()) as database, l.schema_name as schema,
    l.status, ${IS_OWN} as "isOwn"
  from core.organizations o, core.locations l where o.id = $1 and l.status <> 'retired' and (l.isolation = 'shared' or ${IS_NAMED})
  order by l.created_at, l.id`;

/** The shared tables are always among them: whoever was never finished may have rows there. */
export async function readPlaces(core: pg.Client, organizationId: string): Promise<PurgedPlace[]> {
  const { rows } = await core.query<PurgedPlace>(PLACES, [organizationId]);
  return rows;
}

interface State {
  readonly isBegun: boolean;
  readonly isDeleted: boolean;
  readonly isDue: boolean;
  readonly isMoving: boolean;
  readonly isHalfMade: boolean;
  readonly isRestoring: boolean;
}
/** An organization `o` that a restore from an archive has begun with. What it says of itself a tenant could say as well. */
export const IS_RESTORING = `(o.deleted_at is not null and o.settings ? 'restoring'
  and not exists (select from core.subscriptions s where s.organization_id = o.id)
  and not exists (select from core.users u where u.organization_id = o.id))`;
/** One into which nobody has ever got, at the location `l`: its making, or its restoring, was not finished. */
export const IS_HALF_MADE = `(l.id is null or l.status = 'provisioning' or ${IS_RESTORING})`;
const STATE = `select o.purge is not null as "isBegun", o.deleted_at is not null as "isDeleted",
    o.deleted_at <= now() - $2 * interval '1 millisecond' as "isDue", ${IS_HALF_MADE} as "isHalfMade", ${IS_RESTORING} as "isRestoring",
    exists (select from core.moves m where m.organization_id = o.id and m.finished_at is null) as "isMoving"
  from core.organizations o left join core.locations l on l.id = o.location_id where o.id = $1`;

/** Users whom a restored backup must not bring back. */
export const BURY_USERS = `insert into core.tombstones (id, kind, organization_id, code)
  select id, 'user', organization_id, username from core.users where organization_id = $1 on conflict (id) do nothing`;

/**
 * From here on there is no way back: nobody restores the tenant, here or from an archive. Nothing where that is so already.
 * Asked under the lock that a restore takes as well, by the database's clock. @throws NotFound; Conflict
 */
export function beginPurge(core: pg.Client, organizationId: string, terms: PurgeTerms): Promise<void> {
  return inTransaction(core, async () => {
    await core.query('select from core.organizations where id = $1 for update', [organizationId]);
    // as it is now that nobody changes it
    const grace = terms.kind === 'deleted' ? terms.graceMs : 0;
    const [state] = (await core.query<State>(STATE, [organizationId, grace])).rows;
    if (state === undefined) throw NotFound();
    if (state.isBegun) return;
    assertMayGo(state, terms);
    await core.query(
      `insert into core.tombstones (id, kind, organization_id, code)
       select id, 'tenant', id, tenant_code from core.organizations where id = $1 on conflict (id) do nothing`,
      [organizationId],
    );
    await core.query(BURY_USERS, [organizationId]);
    const notes: PurgeNotes = { places: {}, core: {}, isRestoring: state.isRestoring };
    await core.query(
      `update core.organizations set deleted_at = coalesce(deleted_at, now()), purge = $2, updated_at = now() where id = $1`,
      [organizationId, JSON.stringify(notes)],
    );
  });
}

function assertMayGo({ isDeleted, isDue, isMoving, isHalfMade }: State, terms: PurgeTerms): void {
  if (isMoving) throw Conflict({ detail: 'A move of this tenant is not over: let it end, or take it back.' });
  if (terms.kind === 'half_made') {
    if (!isHalfMade) throw Conflict({ detail: 'This tenant has been finished meanwhile.' });
  } else if (!isDeleted) throw Conflict({ detail: 'This tenant is in use: delete it first.' });
  else if (!isDue) throw Conflict({ detail: 'This tenant can still be restored.' });
}

/** @throws NotFound for one that is purged by now */
export async function readNotes(core: pg.Client, organizationId: string): Promise<PurgeNotes> {
  const { rows } = await core.query<{ purge: PurgeNotes }>('select purge from core.organizations where id = $1', [
    organizationId,
  ]);
  const [row] = rows;
  if (row === undefined) throw NotFound();
  return row.purge;
}

/** What stands at a place, before anything of it is removed. */
export async function notePlace(core: pg.Client, organizationId: string, place: string, rows: RowCounts) {
  await core.query(
    `update core.organizations set purge = jsonb_set(purge, array['places', $2::text], $3::jsonb) where id = $1`,
    [organizationId, place, JSON.stringify(rows)],
  );
}

export async function noteStored(core: pg.Client, organizationId: string, stored: FileCounts) {
  await core.query(`update core.organizations set purge = jsonb_set(purge, '{stored}', $2::jsonb) where id = $1`, [
    organizationId,
    JSON.stringify(stored),
  ]);
}

/** Rows that have been removed from a table of core, in the transaction that removes them. */
export async function noteRemoved(core: pg.Client, organizationId: string, table: string, removed: number) {
  if (removed === 0) return;
  await core.query(
    `update core.organizations set purge = jsonb_set(purge, array['core', $2::text],
       to_jsonb(coalesce((purge #>> array['core', $2::text])::integer, 0) + $3::integer)) where id = $1`,
    [organizationId, table, removed],
  );
}
