import { unhurried } from './brake.js';
import { checksums, mismatchOf, type Pace } from './checksums.js';
import type { MoveContext } from './move-context.js';
import { MoveFailed } from './move-failed.js';
import type { MovedTable } from './place-tables.js';
import { RowTransfer } from './row-transfer.js';

/** A pass that carried over fewer rows is the last one but those behind the fence. */
const FEW_ROWS = 100;
const MOST_PASSES = 200;

interface Pass {
  /** Compares both sides before it commits, without haste. */
  readonly verify?: boolean;
  /** What belongs to the source's transaction, right before its commit. */
  readonly last?: () => Promise<void>;
}

/** Brings the target to what the source has become meanwhile, again and again. */
export class CatchUp {
  /** Rows that were carried over. */
  rows = 0;

  private constructor(
    private readonly context: MoveContext,
    private readonly tables: readonly MovedTable[],
    readonly transfer: RowTransfer,
  ) {}

  static async at(context: MoveContext, tables: readonly MovedTable[]): Promise<CatchUp> {
    const { source, target, move } = context;
    const transfer = new RowTransfer(
      { client: source, schema: move.from.schema },
      { client: target, schema: move.to.schema },
      move.organizationId,
      tables,
    );
    await transfer.makeStaging();
    const catchUp = new CatchUp(context, tables, transfer);
    catchUp.rows = move.rowsCaughtUp;
    return catchUp;
  }

  /** Passes until one is small. @throws MoveFailed when none is */
  async untilFew(): Promise<void> {
    for (let passes = 0; passes < MOST_PASSES; passes++) if ((await this.pass()) < FEW_ROWS) return;
    throw new MoveFailed('the tenant writes faster than its rows are carried over');
  }

  /**
   * What has changed since the last pass, read at one snapshot with the log of it: the target is then what the source was
   * at that snapshot. The target commits first, for what is carried over twice is the same. @returns rows
   */
  async pass({ verify = false, last }: Pass = {}): Promise<number> {
    const { source, target, move } = this.context;
    await source.query('begin isolation level repeatable read');
    try {
      const { rows: changed } = await source.query<{ table_name: string; keys: string[] }>(
        `with gone as (delete from tenancy.move_log where organization_id = $1 and place = $2 returning table_name, key)
         select table_name, json_agg(distinct key::text) as keys from gone group by table_name`,
        [move.organizationId, move.from.schema],
      );
      const count = changed.reduce((sum, { keys }) => sum + keys.length, 0);
      if (count > 0 || verify) {
        await target.query('begin; set constraints all deferred');
        await this.transfer.carryOver(new Map(changed.map(({ table_name, keys }) => [table_name, keys])));
        if (verify) await this.verify(unhurried);
        await this.context.step('passing');
        await target.query('commit');
        await this.context.step('passed_at_target');
      }
      await last?.();
      await source.query('commit');
      this.rows += count;
      return count;
    } catch (error) {
      await Promise.allSettled([source.query('rollback'), target.query('rollback')]);
      throw error;
    }
  }

  /** Counts and checksums of both sides, as the transactions see them that are open. @throws MoveFailed */
  async verify(pace: Pace): Promise<void> {
    const { source, target, move } = this.context;
    const { organizationId, from, to } = move;
    // one after the other: at once they would take two cores
    const there = await checksums(target, to.schema, organizationId, this.tables, pace);
    const mismatch = mismatchOf(await checksums(source, from.schema, organizationId, this.tables, pace), there);
    if (mismatch !== undefined) throw new MoveFailed(`the copy is not what the source is: ${mismatch}`);
  }
}
