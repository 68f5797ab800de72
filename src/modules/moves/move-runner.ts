import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { isProblem } from '../../common/problem.js';
import { MAIN_SERVER, Pools } from '../../platform/database/index.js';
import { MoveFailed, TenantMoves } from '../../platform/tenancy/index.js';
import { MovePlaces } from './move-places.js';

/** How often moves whose mover died are looked for, and what moves have left. */
const SWEEP_MS = 30_000;
/** Steps at which a mover can stop without anybody waiting for it. */
const RESTING = /^(expected|capturing|captured|copying|copying_rows|copied_at_target|catching_up)$/;

class Stopping extends Error {
  override readonly message = 'this node is shutting down; another one goes on';
}

/** Moves tenants in this process: what is asked of it, and what others have begun and left. */
@Injectable()
export class MoveRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(MoveRunner.name);
  private readonly running = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly moves: TenantMoves,
    private readonly places: MovePlaces,
    private readonly pools: Pools,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.mayMove) return;
    this.timer = setInterval(() => this.track('sweep', () => this.sweep()), SWEEP_MS).unref();
    this.track('sweep', () => this.sweep());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await Promise.all(this.running.values());
  }

  /** Goes on with a move behind the caller's back, unless another process does. Without the mover's login another must. */
  start(id: string): void {
    if (this.mayMove) this.track(id, () => this.run(id));
  }

  private get mayMove(): boolean {
    return this.pools.servers.has('mover', MAIN_SERVER);
  }

  private track(key: string, work: () => Promise<void>): void {
    if (this.stopped || this.running.has(key)) return;
    const done = work()
      .catch((error: unknown) => {
        if (!(error instanceof Stopping)) this.logger.warn({ err: error, message: `${key} is not done yet` });
      })
      .finally(() => this.running.delete(key));
    this.running.set(key, done);
  }

  private async run(id: string): Promise<void> {
    try {
      await this.moves.run(id, (step) => {
        if (this.stopped && RESTING.test(step)) throw new Stopping();
      });
    } catch (error) {
      // somebody else has it in hand, or it was taken back and its record says why
      if (!(error instanceof MoveFailed) && !isProblem(error, 'conflict')) throw error;
    }
  }

  /** Goes on with what others have left, removes rows that are kept no longer, and drops places that nobody stands at. */
  async sweep(): Promise<void> {
    for (const id of await this.moves.unfinished()) this.start(id);
    for (const id of await this.moves.due()) await this.tidy(`what move ${id} has left`, () => this.moves.cleanUp(id));
    for (const id of await this.places.left()) await this.tidy(`the location ${id}`, () => this.places.retire(id));
  }

  private async tidy(what: string, work: () => Promise<unknown>): Promise<void> {
    if (this.stopped) return;
    try {
      await work();
    } catch (error) {
      this.logger.warn({ err: error, message: `${what} is still there` });
    }
  }
}
