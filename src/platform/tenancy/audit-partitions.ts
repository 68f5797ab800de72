import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Pools } from '../database/index.js';
import { Placements } from './placements.js';

/** Months that have a partition before they begin. */
const MONTHS_AHEAD = 3;
const DAY_MS = 24 * 3_600_000;
const RETRY_MS = 60_000;

/**
 * Makes the audit logs' partitions ahead of time, of core and of every location. Nothing hangs on it but speed: what
 * comes in a month without one lies in the default partition, until the next run moves it.
 */
@Injectable()
export class AuditPartitions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(AuditPartitions.name);
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly pools: Pools,
    private readonly placements: Placements,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  /** Whether there is a partition for the months to come everywhere; what is amiss is logged. Nodes wait for one another. */
  async make(): Promise<boolean> {
    try {
      const made: boolean[] = [];
      for (const place of ['core', ...(await this.placements.schemas())]) made.push(await this.makeIn(place));
      return made.every(Boolean);
    } catch (error) {
      return this.tell('the locations', error);
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      const pause = (await this.make()) ? DAY_MS : RETRY_MS;
      // nodes that start together do not come back together
      await sleep(pause * (0.75 + Math.random() / 4), undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async makeIn(place: string): Promise<boolean> {
    try {
      await this.pools.get('platform').query('select tenancy.make_audit_partitions($1, $2)', [place, MONTHS_AHEAD]);
      return true;
    } catch (error) {
      return this.tell(place, error);
    }
  }

  private tell(place: string, error: unknown): false {
    this.log.warn(`the audit log of ${place} has no partitions for the months to come yet: ${String(error)}`);
    return false;
  }
}
