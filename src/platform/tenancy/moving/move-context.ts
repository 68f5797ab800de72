import type pg from 'pg';
import { type Fence, readFence, turnFence } from './fences.js';
import { MoveAborted, MoveFailed } from './move-failed.js';
import { type MoveNotes, type MoveRecord, noteMove } from './move-records.js';
import type { MoveSession } from './move-session.js';
import type { MovedTable } from './place-tables.js';
import { isAway, shortlyLocked } from './short-locks.js';

/** Told of each boundary that is passed, before the next thing begins. What it throws stops the mover there. */
export type OnStep = (step: string) => void | Promise<void>;

/** Where a tenant can be written, by what the databases say: nowhere between the source's last commit and the target's. */
export type Open = 'source' | 'nowhere' | 'target';

/** A move under way: its lease, a connection to each place, and what both directions of it do. */
export class MoveContext {
  /** Source and target are schemas of one database, which has one fence of the tenant. */
  readonly oneDatabase: boolean;

  private constructor(
    readonly session: MoveSession,
    readonly source: pg.Client,
    private readonly other: pg.Client | undefined,
    readonly move: MoveRecord,
    private readonly onStep: OnStep,
  ) {
    const { from, to } = move;
    this.oneDatabase = from.server === to.server && from.database === to.database;
  }

  static async open(session: MoveSession, move: MoveRecord, onStep: OnStep): Promise<MoveContext> {
    const source = await session.at('source', move.from);
    return new MoveContext(session, source, await session.at('target', move.to), move, onStep);
  }

  /** For taking back what has not switched: the target may be away, or was never made. */
  static async openToTakeBack(session: MoveSession, move: MoveRecord, onStep: OnStep): Promise<MoveContext> {
    const source = await session.at('source', move.from);
    const target = await session.find('target', move.to).catch((error: unknown) => {
      if (isAway(error)) return undefined;
      throw error;
    });
    return new MoveContext(session, source, target, move, onStep);
  }

  get hasTarget(): boolean {
    return this.other !== undefined;
  }

  get target(): pg.Client {
    if (this.other === undefined) throw new Error('the target cannot be reached');
    return this.other;
  }

  /** @throws MoveFailed when the fences say what no move has left */
  async whereOpen(): Promise<Open> {
    const { organizationId, epoch, from } = this.move;
    const source = await readFence(this.source, organizationId);
    const target = this.oneDatabase || !this.hasTarget ? source : await readFence(this.target, organizationId);
    const is = (fence: Fence | undefined, state: Fence['state'], at: number): boolean =>
      fence?.state === state && fence.epoch === at;
    if (is(target, 'active', epoch + 1)) return 'target';
    if (is(source, 'moved', epoch + 1)) {
      if (this.hasTarget) return 'nowhere';
      throw new Error('whether the target has been opened is not known while it cannot be reached');
    }
    if (is(source, 'active', epoch) && (source?.place ?? from.schema) === from.schema) return 'source';
    throw new MoveFailed(
      `the tenant is not at ${from.schema}: its fence there is ${JSON.stringify(source ?? 'not to be found')}`,
    );
  }

  /** From here on the database itself knows which rows are the tenant's own, and refuses to remove them. */
  async nameSource(): Promise<void> {
    const { organizationId, epoch, from } = this.move;
    const active = { state: 'active' as const, epoch };
    await turnFence(this.source, organizationId, { from: active, to: { ...active, place: from.schema } });
  }

  /** Takes triggers and log off the source. */
  async release(tables: readonly MovedTable[]): Promise<void> {
    const { organizationId, from } = this.move;
    for (const { name } of tables)
      await shortlyLocked(this.source, 'select tenancy.release($1, $2, $3)', [from.schema, name, organizationId]);
    await this.source.query('delete from tenancy.move_log where organization_id = $1', [organizationId]);
  }

  async note(notes: MoveNotes): Promise<void> {
    await noteMove(this.session.core, this.move.id, notes);
  }

  /** Notes while the move can still be taken back. @throws MoveAborted when somebody wants that */
  async noteProgress(notes: MoveNotes): Promise<void> {
    if (await noteMove(this.session.core, this.move.id, notes)) throw new MoveAborted('the move is taken back');
  }

  async step(name: string): Promise<void> {
    await this.onStep(name);
  }
}
