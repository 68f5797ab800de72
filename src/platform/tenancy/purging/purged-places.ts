import type pg from 'pg';
import { Conflict } from '../../../common/problem.js';
import { closeFence, readFence, turnFence } from '../moving/fences.js';
import type { OnStep } from '../moving/move-context.js';
import type { MoveSession, PlaceAt } from '../moving/move-session.js';
import { type MovedTable, readTables, tableAt } from '../moving/place-tables.js';
import { removeCopy } from '../moving/removal.js';
import { isLockTimeout } from '../moving/short-locks.js';
import { notePlace, type PurgedPlace, type RowCounts } from './purge-records.js';

/** What is done to places, by whom, and what has been counted already. */
export interface PlacesWork {
  readonly session: MoveSession;
  readonly organizationId: string;
  readonly counted: Readonly<Record<string, RowCounts>>;
  /** Drops a schema or a database. Can be repeated. */
  drop(place: PurgedPlace): Promise<void>;
  onStep: OnStep;
}

/** Nothing of the tenant is left at any place, nor in front of one. Can be repeated. */
export async function emptyPlaces(work: PlacesWork, places: readonly PurgedPlace[]): Promise<void> {
  const databases = Map.groupBy(places, ({ server, database }) => `${server}/${database}`);
  for (const [first, ...others] of databases.values())
    if (first !== undefined) await emptyDatabase(work, first, [first, ...others]);
}

/** Until the session ends nobody changes their tables. @throws Conflict */
export async function holdPlaces(session: MoveSession, places: readonly PurgedPlace[]): Promise<void> {
  try {
    for (const { id } of places) await session.holdLocation(id);
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    throw Conflict({ detail: 'A location of this tenant is being migrated: try again when that is over.' });
  }
}

async function emptyDatabase(work: PlacesWork, at: PlaceAt, places: readonly PurgedPlace[]): Promise<void> {
  const goesAsAWhole = places.every(({ isolation, isOwn }) => isolation === 'database' && isOwn);
  const client =
    goesAsAWhole && places.every((place) => isDone(work, place)) ? undefined : await work.session.find('target', at);
  if (client !== undefined) await emptyPlacesOf(work, client, places);
  if (goesAsAWhole && client !== undefined) await work.session.leaveAlone(client, at);
  for (const place of places) {
    if (!place.isOwn) continue;
    await work.drop(place);
    await work.onStep('dropped');
  }
  if (goesAsAWhole || client === undefined) return;
  // the last of it: while it is there, what it says is that nobody gets in
  const fence = await readFence(client, work.organizationId);
  if (fence !== undefined) await turnFence(client, work.organizationId, { from: fence, to: undefined });
  await work.onStep('unfenced');
}

/** Nothing is left to be asked of it: it is counted, or nobody has ever been in it, and it may not even be there. */
const isDone = ({ counted }: PlacesWork, { id, status }: PurgedPlace): boolean =>
  counted[id] !== undefined || status === 'provisioning';

async function emptyPlacesOf(work: PlacesWork, client: pg.Client, places: readonly PurgedPlace[]): Promise<void> {
  const { organizationId, session } = work;
  const fence = await readFence(client, organizationId);
  if (fence !== undefined) await closeFence(client, organizationId, fence);
  await work.onStep('closed');
  for (const place of places) {
    const tables = await readTables(client, place.schema);
    if (!isDone(work, place)) {
      await notePlace(session.core, organizationId, place.id, await countRows(client, place, organizationId, tables));
      await work.onStep('counted');
    }
    if (place.isOwn) continue;
    await removeCopy(client, place.schema, organizationId, tables);
    await work.onStep('emptied');
  }
  await client.query('delete from tenancy.move_log where organization_id = $1', [organizationId]);
}

async function countRows(
  client: pg.Client,
  { schema }: PurgedPlace,
  organizationId: string,
  tables: readonly MovedTable[],
): Promise<RowCounts> {
  if (tables.length === 0) return {};
  const asked = tables.map(
    (table, at) =>
      `select ${String(at)} as at, count(*)::int as count from ${tableAt(schema, table)} where organization_id = $1`,
  );
  const { rows } = await client.query<{ at: number; count: number }>(asked.join(' union all '), [organizationId]);
  return Object.fromEntries(
    rows.flatMap(({ at, count }) => (count === 0 ? [] : [[tables[at]?.name ?? '', count] as const])),
  );
}
