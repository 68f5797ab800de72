import type pg from 'pg';
import { Conflict } from '../../../common/problem.js';
import { isLockTimeout } from './short-locks.js';

/** What a database says of a tenant. `place` is the schema that has its rows; null: it has never moved. */
export interface Fence {
  readonly state: 'active' | 'incoming' | 'moved';
  readonly epoch: number;
  readonly place: string | null;
}

export async function readFence(client: pg.Client, organizationId: string): Promise<Fence | undefined> {
  const { rows } = await client.query<Fence>('select state, epoch, place from tenancy.fence_of($1)', [organizationId]);
  return rows[0];
}

interface Turn {
  /** undefined: there is none. */
  readonly from: Pick<Fence, 'state' | 'epoch'> | undefined;
  /** undefined: it is removed. */
  readonly to: (Pick<Fence, 'state' | 'epoch'> & { readonly place?: string }) | undefined;
}

const STILL_WRITTEN = 'Somebody who was at work in the tenant has not ended yet: try again in a moment.';
/** Milliseconds for which transactions are waited for that began before the tenant was deleted. */
const WRITERS_MS = 10_000;

/**
 * Shuts a fence that is open, with the next epoch, once its writers have ended. @returns the epoch that it stands at now
 * @throws Conflict while they do not
 */
export async function closeFence(client: pg.Client, organizationId: string, fence: Fence): Promise<number> {
  if (fence.state !== 'active') return fence.epoch;
  const epoch = fence.epoch + 1;
  await client.query(`begin; set local lock_timeout = ${String(WRITERS_MS)}`);
  try {
    // who still writes there holds this lock until he has ended
    await client.query(`select pg_advisory_xact_lock(hashtextextended('tenant:' || $1, 0))`, [organizationId]);
    await turnFence(client, organizationId, { from: fence, to: { state: 'moved', epoch } });
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw isLockTimeout(error) ? Conflict({ detail: STILL_WRITTEN }) : error;
  }
  return epoch;
}

/** Throws TM003 when the fence is not what it is turned from. */
export async function turnFence(client: pg.Client, organizationId: string, { from, to }: Turn): Promise<void> {
  await client.query('select tenancy.turn_fence($1, $2, $3, $4, $5, $6)', [
    organizationId,
    from?.state ?? 'none',
    from?.epoch ?? null,
    to?.state ?? 'none',
    to?.epoch ?? null,
    to?.place ?? null,
  ]);
}
