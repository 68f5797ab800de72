import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Unavailable } from '../../common/problem.js';

/** Pieces of work that wait at most. */
const MAX_WAITING = 1_000;

/**
 * Work that goes on behind an answer whose time must not tell what was found: one piece after the other, so that a storm
 * of requests takes one connection. Whoever ends the process waits for it.
 */
@Injectable()
export class Afterwards implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Afterwards.name);
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;

  /**
   * What `work` throws is logged.
   * @throws Unavailable at once when too much waits
   */
  run(work: () => Promise<void>): void {
    if (this.waiting >= MAX_WAITING) throw Unavailable();
    this.waiting++;
    this.last = this.last
      .then(work)
      .catch((error: unknown) => this.logger.error({ err: error, message: 'work behind an answer failed' }))
      .finally(() => this.waiting--);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.last;
  }
}
