import { readFence, turnFence } from './fences.js';
import type { MoveContext } from './move-context.js';
import { readTables } from './place-tables.js';
import { removeCopy } from './removal.js';

/**
 * Before the switch: the source goes on as it was, and nothing of the move is left on either side. Can be repeated.
 * @returns false: nothing was done, for the tenant is at the target already
 */
export async function takeBack(
  context: MoveContext,
  status: 'aborted' | 'failed',
  error: string | null,
): Promise<boolean> {
  const { move, source } = context;
  const open = await context.whereOpen();
  if (open === 'target') return false;
  if (open === 'nowhere') await reopenSource(context);
  await context.nameSource();
  await context.release(await readTables(source, move.from.schema));
  await context.step('released');
  if (context.hasTarget) await clearTarget(context);
  await context.step('taken_back');
  await context.note({ status, error, cleaned: context.hasTarget });
  return true;
}

/** Nobody has written at the target: it has never been opened. So the source is whole. */
async function reopenSource({ source, move }: MoveContext): Promise<void> {
  const { organizationId, epoch } = move;
  await turnFence(source, organizationId, {
    from: { state: 'moved', epoch: epoch + 1 },
    to: { state: 'active', epoch },
  });
}

async function clearTarget({ target, move, oneDatabase }: MoveContext): Promise<void> {
  const { schema } = move.to;
  await removeCopy(target, schema, move.organizationId, await readTables(target, schema));
  if (oneDatabase) return;
  const fence = await readFence(target, move.organizationId);
  if (fence?.state === 'incoming') await turnFence(target, move.organizationId, { from: fence, to: undefined });
}
