import type pg from 'pg';
import { Conflict, NotFound, Unavailable } from '../../../common/problem.js';
import { newestMigration } from '../../database/index.js';
import type { MovePlace } from '../moving/move-records.js';
import type { MoveSession } from '../moving/move-session.js';

/** Milliseconds for which a mover or another archive of the tenant is waited for. */
export const LEASE_MS = 1_000;

/** Where a tenant stands by core's word, kept from being migrated while the session lasts. */
export interface HeldPlace extends MovePlace {
  readonly epoch: number;
  readonly migration: string | null;
}

const PLACE = `select l.id, l.isolation, l.server, coalesce(l.database_name, current_database()) as database, l.schema_name as schema,
    l.status, l.migration, o.epoch
  from core.organizations o join core.locations l on l.id = o.location_id where o.id = $1`;
const UNFINISHED = 'select from core.moves where organization_id = $1 and finished_at is null';

/** @throws NotFound without a location; Conflict while a move is not over; Unavailable where it lacks migrations */
export async function holdPlace(session: MoveSession, organizationId: string): Promise<HeldPlace> {
  const read = async (): Promise<HeldPlace> => {
    const { rows } = await session.core.query<HeldPlace>(PLACE, [organizationId]);
    const [place] = rows;
    if (place === undefined) throw NotFound({ detail: 'The tenant has no location.' });
    return place;
  };
  const { rowCount } = await session.core.query(UNFINISHED, [organizationId]);
  if (rowCount !== 0) throw Conflict({ detail: 'A move of this tenant is not over: let it end, or take it back.' });
  await session.holdLocation((await read()).id);
  const place = await read();
  if (place.status !== 'ready' || place.migration !== (await newestMigration('tenant'))) throw Unavailable();
  return place;
}

export const rollBack = (client: pg.Client): Promise<unknown> => client.query('rollback').catch(() => undefined);
