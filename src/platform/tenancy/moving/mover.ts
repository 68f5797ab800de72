import { CatchUp } from './catch-up.js';
import { readFence, turnFence } from './fences.js';
import type { MoveContext } from './move-context.js';
import { MoveFailed } from './move-failed.js';
import { askBy, placeTenant, readWhereabouts } from './move-records.js';
import { differenceOf, type MovedTable, readTables } from './place-tables.js';
import { removeCopy } from './removal.js';
import { shortlyLocked } from './short-locks.js';
import { openTarget, switchOver } from './switch-over.js';

const PROGRESS_MS = 250;

/**
 * Moves a tenant to the end from wherever its move is. Every step can be repeated; where the tenant is follows from the
 * fences alone, so that whoever resumes a move goes on from what he finds. @throws MoveFailed when it has to be taken back
 */
export async function moveOn(context: MoveContext): Promise<void> {
  const { move, source, target } = context;
  const tables = await readTables(source, move.from.schema);
  const open = await context.whereOpen();
  if (open !== 'target') {
    const difference = differenceOf(tables, await readTables(target, move.to.schema));
    if (difference !== undefined) throw new MoveFailed(`the places are not of one version: ${difference}`);
    const catchUp = await CatchUp.at(context, tables);
    if (open === 'source') await bringOver(context, tables, catchUp);
    else await rollForward(context, catchUp);
  }
  await finish(context, tables);
}

async function bringOver(context: MoveContext, tables: readonly MovedTable[], catchUp: CatchUp): Promise<void> {
  const { status } = context.move;
  if (status === 'requested') await prepare(context, tables);
  if (status === 'requested' || status === 'capturing') await capture(context, tables);
  if (status === 'requested' || status === 'capturing' || status === 'copying') await copy(context, tables, catchUp);
  await catchUp.untilFew();
  await catchUp.pass({ verify: true });
  await catchUp.untilFew();
  await switchOver(context, catchUp);
}

/** The target is told that a tenant comes, and cleared of what an earlier move may have left there. */
async function prepare(context: MoveContext, tables: readonly MovedTable[]): Promise<void> {
  const { move, session, target, oneDatabase } = context;
  const { organizationId, epoch, from, to } = move;
  const there = await readWhereabouts(askBy(session.core), organizationId);
  if (there.locationId !== from.id || there.epoch !== epoch)
    throw new MoveFailed('the tenant is not where it was when the move was asked for');
  await context.nameSource();
  // in one database the fence is the source's, and says that it is active
  if (!oneDatabase) {
    const fence = await readFence(target, organizationId);
    if (fence?.state === 'active') throw new MoveFailed(`the tenant is active at ${to.database} already`);
    await turnFence(target, organizationId, { from: fence, to: { state: 'incoming', epoch: epoch + 1 } });
  }
  await context.step('expected');
  await removeCopy(target, to.schema, organizationId, tables);
  await context.noteProgress({ status: 'capturing' });
  await context.step('capturing');
}

/** From the commit of a table's triggers on every change of the tenant in it is logged. */
async function capture(context: MoveContext, tables: readonly MovedTable[]): Promise<void> {
  const { source, move } = context;
  for (const { name } of tables) {
    await shortlyLocked(source, 'select tenancy.capture($1, $2, $3)', [move.from.schema, name, move.organizationId]);
    await context.step('captured');
  }
  await context.noteProgress({ status: 'copying' });
  await context.step('copying');
}

/** All rows at one snapshot, which is younger than the triggers, in one transaction of the target. */
async function copy(
  context: MoveContext,
  tables: readonly MovedTable[],
  { transfer }: Pick<CatchUp, 'transfer'>,
): Promise<void> {
  const { move, source, target } = context;
  await removeCopy(target, move.to.schema, move.organizationId, tables);
  await source.query('begin isolation level repeatable read read only');
  await target.query('begin; set constraints all deferred');
  let copied = 0;
  let noted = Date.now();
  await context.noteProgress({ rows_total: await transfer.count(), rows_copied: 0 });
  const filled = await transfer.copyAll(async (count) => {
    copied += count;
    await context.step('copying_rows');
    if (Date.now() - noted < PROGRESS_MS) return;
    noted = Date.now();
    await context.noteProgress({ rows_copied: copied });
  });
  await context.step('copied');
  await target.query('commit');
  await source.query('commit');
  await context.step('copied_at_target');
  for (const { name } of filled) await target.query('select tenancy.analyze_copy($1, $2)', [move.to.schema, name]);
  await context.noteProgress({ status: 'catching_up', rows_copied: copied });
  await context.step('catching_up');
}

/**
 * A mover died between the two fences: nobody can write anywhere. The target was committed before the source was closed,
 * and is compared all the same: the source still is there to go back to.
 */
async function rollForward(context: MoveContext, catchUp: CatchUp): Promise<void> {
  await catchUp.verify((piece) => piece());
  await context.step('rolling_forward');
  await openTarget(context);
}

/** Core's word, where a mover died before it. Then triggers and log are taken off the source; its rows stay for a while. */
async function finish(context: MoveContext, tables: readonly MovedTable[]): Promise<void> {
  const { move, session } = context;
  const { locationId } = await readWhereabouts(askBy(session.core), move.organizationId);
  if (locationId === move.from.id) await placeTenant(session.core, move);
  await context.step('finishing');
  await context.release(tables);
  await context.step('released');
  await context.note({ status: 'done', error: null });
}
