import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { type DatabaseAt, Pools } from '../database/index.js';
import { Placements } from './placements.js';

/** Months that have a partition before they begin. */
const MONTHS_AHEAD = 3;
const DAY_MS = 24 * 3_600_000;
const RETRY_MS = 60_000;

type Place = DatabaseAt & { readonly schema: string };

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
    return (await this.makeAt(await this.places())).length === 0;
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    let left: Place[] = [];
    while (!signal.aborted) {
      // what could not be reached is tried again alone: a fleet is a thousand databases
      left = await this.places()
        .then((places) => this.makeAt(left.length > 0 ? left : places))
        .catch((error: unknown) => {
          this.tell('the locations', error);
          return left;
        });
      const pause = left.length === 0 ? DAY_MS : RETRY_MS;
      // nodes that start together do not come back together
      await sleep(pause * (0.75 + Math.random() / 4), undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async places(): Promise<Place[]> {
    return [{ ...this.pools.main, schema: 'core' }, ...(await this.placements.locations())];
  }

  /** Gives those that could not be made. A process that ends does not go on to the next place: there may be a thousand. */
  private async makeAt(places: readonly Place[]): Promise<Place[]> {
    const left: Place[] = [];
    for (const { server, database, schema } of places) {
      if (this.stop.signal.aborted) return left;
      try {
        await this.pools
          .get('platform', { server, database })
          .query('select tenancy.make_audit_partitions($1, $2)', [schema, MONTHS_AHEAD]);
      } catch (error) {
        this.tell(`${database}.${schema}`, error);
        left.push({ server, database, schema });
      }
    }
    return left;
  }

  private tell(place: string, error: unknown): void {
    this.log.warn(`the audit log of ${place} has no partitions for the months to come yet: ${String(error)}`);
  }
}
