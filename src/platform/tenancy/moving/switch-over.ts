import { setTimeout as sleep } from 'node:timers/promises';
import type { CatchUp } from './catch-up.js';
import { turnFence } from './fences.js';
import type { MoveContext } from './move-context.js';
import { MoveFailed } from './move-failed.js';
import { placeTenant } from './move-records.js';
import { isLockTimeout } from './short-locks.js';

/** Milliseconds for which the fence is asked for: at first, and at most. Writers wait 400 for it before they are told. */
const FIRST_MS = 200;
const LONGEST_MS = 1_000;
const GROWTH = 1.4;
const TRIES = 40;
/** Between two tries writers have the tenant to themselves. */
const PAUSE_MS = 300;

/** Closes the source, carries over what is left and opens the target. Where a writer does not end, it lets go and tries again. */
export async function switchOver(context: MoveContext, catchUp: CatchUp): Promise<void> {
  await context.noteProgress({ status: 'fencing', rows_caught_up: catchUp.rows });
  await context.step('fencing');
  let limit = FIRST_MS;
  for (let tries = 1; tries <= TRIES; tries++) {
    const asked = performance.now();
    if (await lock(context, limit)) {
      await behindTheFence(context, catchUp, tries);
      await context.note({ pause_ms: Math.round(performance.now() - asked), rows_caught_up: catchUp.rows });
      return;
    }
    limit = Math.min(limit * GROWTH, LONGEST_MS);
    await context.noteProgress({ fence_tries: tries });
    await sleep(PAUSE_MS);
    await catchUp.untilFew();
  }
  throw new MoveFailed('a transaction of the tenant never ended: its writers did not let go of the fence');
}

/** Nobody writes, and each millisecond counts. */
async function behindTheFence(context: MoveContext, catchUp: CatchUp, tries: number): Promise<void> {
  const { source, session, move } = context;
  const { organizationId, epoch } = move;
  const noted = context.note({ status: 'switching', fence_tries: tries });
  noted.catch(() => undefined);
  try {
    await context.step('fenced');
    await catchUp.pass({
      last: async () => {
        await noted;
        await turnFence(source, organizationId, {
          from: { state: 'active', epoch },
          to: { state: 'moved', epoch: epoch + 1 },
        });
        await context.step('closing');
      },
    });
    await context.step('closed');
    await openTarget(context);
    await context.step('opened');
    await placeTenant(session.core, move);
    await context.step('placed');
  } finally {
    await unlock(context).catch(() => undefined);
  }
}

export async function openTarget({ target, move, oneDatabase }: MoveContext): Promise<void> {
  const epoch = move.epoch + 1;
  await turnFence(target, move.organizationId, {
    from: { state: oneDatabase ? 'moved' : 'incoming', epoch },
    to: { state: 'active', epoch, place: move.to.schema },
  });
}

/** The tenant's lock: waits for the writers that run, and turns new ones away. @returns false: one did not end in time */
async function lock({ source, move }: MoveContext, limitMs: number): Promise<boolean> {
  await source.query(`set lock_timeout = ${String(Math.round(limitMs))}`);
  try {
    await source.query(`select pg_advisory_lock(hashtextextended('tenant:' || $1, 0))`, [move.organizationId]);
    return true;
  } catch (error) {
    if (isLockTimeout(error)) return false;
    throw error;
  } finally {
    await source.query('set lock_timeout = 0').catch(() => undefined);
  }
}

async function unlock({ source, move }: MoveContext): Promise<void> {
  await source.query(`select pg_advisory_unlock(hashtextextended('tenant:' || $1, 0))`, [move.organizationId]);
}
