import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../common/errors.js';
import { Conflict, defineProblem, isProblem } from '../../../common/problem.js';
import type { Pools } from '../../database/index.js';
import { removeLeftovers } from './leftovers.js';
import { MoveContext, type OnStep } from './move-context.js';
import { MoveAborted, MoveFailed } from './move-failed.js';
import {
  askBy,
  type AskCore,
  insertMove,
  IS_UNDER_WAY,
  isOver,
  type MoveRecord,
  noteMove,
  readMove,
  readWhereabouts,
} from './move-records.js';
import { leased, type MoveSession } from './move-session.js';
import { moveOn } from './mover.js';
import { isAway } from './short-locks.js';
import { takeBack } from './take-back.js';

defineProblem({
  code: 'conflict',
  status: 409,
  constraint: 'moves_unfinished_key',
  field: 'tenant_id',
  message: 'is being moved already',
});

/** Makes the place that a tenant is to come to: made, migrated, granted, and `ready` in core. Can be repeated. */
export abstract class MoveTargets {
  abstract prepare(move: MoveRecord): Promise<void>;
}

/** Milliseconds within which a mover that is told to take its move back does so. */
const ABORT_MS = 20_000;
/** Milliseconds between tries to go on when a server was lost at a time when nobody can write anywhere. */
const RETRY_MS = 200;
const RETRIES = 10;
const nothing = (): void => undefined;

/** Moves tenants from one location to another while they are used. Errors of a move stand in its record too. */
export class TenantMoves {
  constructor(
    private readonly pools: Pools,
    private readonly targets: MoveTargets,
    private readonly config: { readonly moveRetentionMs: number },
  ) {}

  /** Asks for a move, in the transaction of `ask` where that is one. @returns its id @throws NotFound, Conflict when one is under way or the tenant is there already */
  async request(
    organizationId: string,
    toLocationId: string,
    actorId: string | null = null,
    ask: AskCore = this.ask(),
  ): Promise<string> {
    const { locationId } = await readWhereabouts(ask, organizationId);
    if (locationId === toLocationId) throw Conflict({ detail: 'The tenant is there already.' });
    return insertMove(ask, organizationId, toLocationId, actorId);
  }

  /** @throws NotFound */
  get(id: string): Promise<MoveRecord> {
    return readMove(this.ask(), id, this.pools.main.database);
  }

  /**
   * Goes on with a move to its end, whoever began it. One that cannot go on is taken back: `failed`, or `aborted` where
   * somebody wanted that. Any other error leaves it to be resumed by calling this again. @throws MoveFailed; Conflict while
   * another process has it in hand
   */
  async run(id: string, onStep: OnStep = nothing): Promise<MoveRecord> {
    const { organizationId } = await this.get(id);
    for (let tries = 1; ; tries++) {
      try {
        await this.leased(organizationId, (session) => this.goOn(session, id, onStep));
        return await this.get(id);
      } catch (error) {
        if (error instanceof MoveAborted) return this.takenBack(id, 'aborted', null, onStep);
        if (error instanceof MoveFailed) await this.takenBack(id, 'failed', error.message, onStep);
        // between the two fences the tenant is away: that is not left to whoever comes by
        const urgent = isAway(error) && (await this.get(id)).status === 'switching';
        if (!urgent || tries === RETRIES) throw error;
        await sleep(RETRY_MS * tries);
      }
    }
  }

  /**
   * Takes a move back that has not switched: the source is as if it had never been. A mover that has it in hand is told to
   * do it. Where the target cannot be reached, its copy is left to `cleanUp`. @throws Conflict after the switch
   */
  async abort(id: string, onStep: OnStep = nothing): Promise<MoveRecord> {
    await this.ask()(
      `update core.moves set abort_requested_at = now() where id = $1 and status not in ('done', 'failed', 'aborted')`,
      [id],
    );
    return this.takenBack(id, 'aborted', null, onStep);
  }

  /**
   * Asks for the way back of a move that is done, in the transaction of `ask` where that is one: the same way, with the two
   * places exchanged. @returns the new move's id
   * @throws Conflict when the tenant is no longer there, or its rows at the old place are gone or kept no longer
   */
  async rollBack(id: string, actorId: string | null = null, ask: AskCore = this.ask()): Promise<string> {
    const move = await readMove(ask, id, this.pools.main.database);
    const { locationId } = await readWhereabouts(ask, move.organizationId);
    if (move.status !== 'done' || locationId !== move.to.id)
      throw Conflict({ detail: 'The tenant is no longer at the target of this move.' });
    if (move.cleanedAt !== null || this.isDue(move))
      throw Conflict({ detail: 'The time in which this move can be rolled back is over.' });
    return insertMove(ask, move.organizationId, move.from.id, actorId);
  }

  /**
   * Removes what a move that is over has left: of one that is done the rows at the old place, once they are kept no longer.
   * @param early rows that are still kept as well @throws Conflict
   */
  async cleanUp(id: string, { early = false }: { early?: boolean } = {}): Promise<MoveRecord> {
    const { organizationId } = await this.get(id);
    await this.leased(organizationId, async (session) => {
      const move = await this.reread(session, id);
      if (move.cleanedAt !== null) return;
      if (!isOver(move.status) || (move.status === 'done' && !early && !this.isDue(move)))
        throw Conflict({ detail: 'What this move has left is not to be removed yet.' });
      await removeLeftovers(session, move);
      await noteMove(session.core, id, { cleaned: true });
    });
    return this.get(id);
  }

  /** Moves that are not over, the oldest first: of one that nobody has in hand the mover has died. */
  unfinished(): Promise<string[]> {
    return this.ids(IS_UNDER_WAY);
  }

  /** Moves that have left rows which are kept no longer, of tenants that no other move has in hand. */
  due(): Promise<string[]> {
    const { moveRetentionMs } = this.config;
    return this.ids(`m.cleaned_at is null and (m.status in ('failed', 'aborted')
      or m.status = 'done' and m.switched_at <= now() - ${String(moveRetentionMs)} * interval '1 millisecond')
      and not exists (select from core.moves x where x.organization_id = m.organization_id and x.finished_at is null)`);
  }

  private async goOn(session: MoveSession, id: string, onStep: OnStep): Promise<void> {
    const move = await this.reread(session, id);
    if (isOver(move.status)) return;
    try {
      if (move.status === 'requested') await this.targets.prepare(move).catch(refused);
      await session.holdLocation(move.from.id);
      await session.holdLocation(move.to.id);
      const prepared = await this.reread(session, id);
      if (prepared.to.status !== 'ready')
        throw new Error(`the location ${prepared.to.schema} is ${prepared.to.status}`);
      await moveOn(await MoveContext.open(session, prepared, onStep).catch(refused));
    } catch (error) {
      const reason = messageOf(error);
      await noteMove(session.core, id, { error: reason }).catch(nothing);
      throw error;
    }
  }

  private async takenBack(
    id: string,
    status: 'aborted' | 'failed',
    reason: string | null,
    onStep: OnStep,
  ): Promise<MoveRecord> {
    const { organizationId } = await this.get(id);
    const work = async (session: MoveSession): Promise<void> => {
      const move = await this.reread(session, id);
      if (move.status === 'aborted' || move.status === 'failed') return;
      const back =
        move.status !== 'done' &&
        (await takeBack(await MoveContext.openToTakeBack(session, move, onStep), status, reason));
      if (!back) throw Conflict({ detail: 'The tenant has moved: roll it back instead.' });
    };
    await this.leased(organizationId, work, ABORT_MS);
    return this.get(id);
  }

  private isDue({ switchedAt }: MoveRecord): boolean {
    return switchedAt !== null && Date.now() - Date.parse(switchedAt) >= this.config.moveRetentionMs;
  }

  private leased<T>(
    organizationId: string,
    work: (session: MoveSession) => Promise<T>,
    patienceMs?: number,
  ): Promise<T> {
    return leased(this.pools.servers, organizationId, work, patienceMs);
  }

  private ask(): AskCore {
    return askBy(this.pools.get('platform'));
  }

  /** As it is now that nobody else has it. */
  private reread({ core }: MoveSession, id: string): Promise<MoveRecord> {
    return readMove(askBy(core), id, this.pools.main.database);
  }

  private async ids(condition: string): Promise<string[]> {
    const rows = await this.ask()<{ id: string }>(
      `select m.id from core.moves m where ${condition} order by m.created_at`,
      [],
    );
    return rows.map(({ id }) => id);
  }
}

/** A place that is somebody else's does not become the tenant's by trying again. */
function refused(error: unknown): never {
  throw isProblem(error, Conflict.definition.code) ? new MoveFailed(messageOf(error), { cause: error }) : error;
}
