import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../observability/index.js';
import { JobQueue, type TakenJob } from './job-queue.js';
import type { Outcome } from './job-runner.js';

/** Bounds of the pause of a job that was put off: a quarter of the time that it has waited already. */
const FIRST_PAUSE_S = 2;
const LAST_PAUSE_S = 60;
/** After which what is put off counts as failed: somebody has to hear of it. */
const PUT_OFF_S = 3 * 86_400;
/** For about as long as a job that gives no sign of life is left to its node. */
const SETTLE_TRIES = 15;
const SETTLE_PAUSE_MS = 1_000;

/** Tells the queue, the log and the figures what came of an attempt. */
@Injectable()
export class JobOutcomes implements OnModuleInit {
  private readonly log = new Logger('Jobs');
  private readonly counts = new Map<string, { labels: { kind: string; outcome: string }; value: number }>();

  constructor(
    private readonly queue: JobQueue,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const figures = () => this.queue.figures().catch(() => []);
    this.metrics.gauge('tenantry_jobs', 'Jobs of all nodes by kind and state', figures, ['kind', 'state']);
    this.metrics.counter(
      'tenantry_job_attempts_total',
      'Attempts of this node by kind and what came of them',
      () => [...this.counts.values()],
      ['kind', 'outcome'],
    );
  }

  /** Through a restart of the database as well, so that what is done is not done again; unless it `isOver` meanwhile. */
  async settle(job: TakenJob, outcome: Outcome, isOver: () => boolean): Promise<void> {
    this.count(job, outcome);
    for (let tries = 1; !isOver(); tries++) {
      try {
        await this.tell(job, outcome);
        return;
      } catch (error) {
        if (tries === SETTLE_TRIES) throw error;
        await sleep(SETTLE_PAUSE_MS, undefined, { ref: false });
      }
    }
  }

  private async tell(job: TakenJob, outcome: Outcome): Promise<void> {
    switch (outcome.came) {
      case 'done':
        await this.queue.complete(job);
        return;
      case 'failed':
        await this.failed(job, outcome.error);
        return;
      case 'put_off':
        await this.putOff(job, outcome.error);
        return;
      case 'refused':
        await this.queue.refuse(job, outcome.reason);
        this.log.error(`${nameOf(job)} is refused: ${outcome.reason}`);
        return;
      case 'dropped':
        await this.queue.cancel(job);
        this.log.warn(`${nameOf(job)} is dropped: ${outcome.reason}`);
    }
  }

  private async failed(job: TakenJob, error: unknown): Promise<void> {
    await this.queue.fail(job, String(error));
    const attempt = `attempt ${String(job.retryCount + 1)}`;
    if (job.retryCount < job.retryLimit) this.log.warn({ err: error, message: `${nameOf(job)} failed at ${attempt}` });
    else this.log.error({ err: error, message: `${nameOf(job)} has failed for good, at ${attempt}` });
  }

  private async putOff(job: TakenJob, error: unknown): Promise<void> {
    const waited = (Date.now() - new Date(job.createdOn).getTime()) / 1000;
    if (waited > PUT_OFF_S) return this.failed(job, error);
    await this.queue.putBack(job, Math.min(Math.max(waited / 4, FIRST_PAUSE_S), LAST_PAUSE_S));
    this.log.debug(`${nameOf(job)} is put off: ${String(error)}`);
  }

  private count({ name }: TakenJob, { came }: Outcome): void {
    const key = `${name} ${came}`;
    const value = (this.counts.get(key)?.value ?? 0) + 1;
    this.counts.set(key, { labels: { kind: name, outcome: came }, value });
  }
}

export const nameOf = ({ name, id, groupId }: TakenJob): string =>
  `job ${name} (${id})${groupId ? ` of ${groupId}` : ''}`;
