import { Conflict } from '../../../common/problem.js';
import { readFence, turnFence } from './fences.js';
import { askBy, IS_UNDER_WAY, type MoveRecord, readWhereabouts } from './move-records.js';
import type { MoveSession } from './move-session.js';
import { readTables } from './place-tables.js';
import { removeCopy } from './removal.js';

/**
 * Removes the rows that a move which is over has left: at the source where it is done, at the target else. Where a later
 * move has brought the tenant there again, they are its own and stay.
 * @throws Conflict while another move is under way: it may be on its way there, or have its fence in the same database
 */
export async function removeLeftovers(session: MoveSession, move: MoveRecord): Promise<void> {
  const { organizationId } = move;
  const place = move.status === 'done' ? move.from : move.to;
  const ask = askBy(session.core);
  const whereabouts = await readWhereabouts(ask, organizationId);
  if (whereabouts.locationId === place.id) return;
  const underWay = await ask(`select from core.moves m where m.organization_id = $1 and ${IS_UNDER_WAY}`, [
    organizationId,
  ]);
  if (underWay.length > 0) throw Conflict({ detail: 'The tenant is on its way elsewhere.' });
  const client = await session.find('target', place);
  if (client === undefined) return;
  await removeCopy(client, place.schema, organizationId, await readTables(client, place.schema));
  const fence = await readFence(client, organizationId);
  // active: of another schema in the same database
  if (fence !== undefined && fence.state !== 'active')
    await turnFence(client, organizationId, { from: fence, to: undefined });
}
