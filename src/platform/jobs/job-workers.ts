import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { CONFIG, type Config } from '../../config/index.js';
import { Metrics } from '../observability/index.js';
import { type JobKind, JobKinds } from './job-kinds.js';
import { JobQueue, type TakenJob } from './job-queue.js';
import { JobRunner, type Outcome } from './job-runner.js';
import { Turns } from './turns.js';

/** How often jobs of other nodes, and those whose time has come, are looked for. */
const LOOK_MS = 2_000;
/** Since the last look that succeeded: from then on the node says that its queue is unavailable. */
const STALE_MS = 10_000;
const BEAT_MS = 5_000;
/** For which running jobs are waited for at the end; what else a node has to do then takes less than what is left of ten seconds. */
const DRAIN_MS = 7_000;
/** Bounds of the pause of a job that was put off: a quarter of the time that it has waited already. */
const FIRST_PAUSE_S = 2;
const LAST_PAUSE_S = 60;
/** After which what is put off counts as failed: somebody has to hear of it. */
const PUT_OFF_S = 3 * 86_400;

interface Running {
  readonly kind: JobKind;
  readonly job: TakenJob;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Does the jobs of all tenants on this node, as many at once as JOBS_CONCURRENCY says. A command sends, and does none. */
@Injectable()
export class JobWorkers implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly log = new Logger('Jobs');
  private readonly turns: Turns;
  private readonly room: number;
  private readonly running = new Map<string, Running>();
  private readonly outcomes = new Map<string, { labels: { kind: string; outcome: string }; value: number }>();
  private looking: Promise<void> | undefined;
  private lookedAt = 0;
  private failing = false;
  private pause = new AbortController();
  private beat: NodeJS.Timeout | undefined;
  private stopping = false;
  private drained: Promise<void> | undefined;

  constructor(
    private readonly queue: JobQueue,
    private readonly kinds: JobKinds,
    private readonly runner: JobRunner,
    private readonly metrics: Metrics,
    @Inject(CONFIG) config: Pick<Config, 'jobsConcurrency'>,
  ) {
    this.room = config.jobsConcurrency;
    this.turns = new Turns(Math.ceil(this.room / 2));
  }

  onModuleInit(): void {
    const figures = () => this.queue.figures().catch(() => []);
    this.metrics.gauge('tenantry_jobs', 'Jobs of all nodes by kind and state', figures, ['kind', 'state']);
    this.metrics.counter(
      'tenantry_job_attempts_total',
      'Attempts of this node by kind and what came of them',
      () => [...this.outcomes.values()],
      ['kind', 'outcome'],
    );
  }

  /** From now on this process does jobs, as soon as the database lets it. */
  start(): void {
    if (this.looking !== undefined || this.stopping) return;
    this.queue.onSent(() => {
      this.wake();
    });
    this.beat = setInterval(() => void this.signOfLife(), BEAT_MS).unref();
    this.looking = this.look();
  }

  /** For the health of the node: rejects when no job has been looked for lately. */
  check(): Promise<void> {
    const isFresh = Date.now() - this.lookedAt < STALE_MS;
    return isFresh ? Promise.resolve() : Promise.reject(new Error('no jobs are being looked for'));
  }

  /** Takes no more: called before anything that jobs need is closed. */
  onModuleDestroy(): void {
    this.stopping = true;
    this.wake();
    this.drained ??= this.drain();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.drained;
  }

  private wake(): void {
    this.pause.abort();
  }

  private async look(): Promise<void> {
    while (!this.stopping) {
      this.pause = new AbortController();
      try {
        await this.queue.start();
        await this.takeWhatIsDue();
        this.lookedAt = Date.now();
        if (this.failing) this.log.log('jobs are done again');
        this.failing = false;
      } catch (error) {
        if (!this.failing) this.log.warn({ err: error, message: 'jobs wait' });
        this.failing = true;
      }
      await sleep(LOOK_MS, undefined, { signal: this.pause.signal, ref: false }).catch(() => undefined);
    }
  }

  private async takeWhatIsDue(): Promise<void> {
    const kinds = this.kinds.all();
    await Promise.all(kinds.map((kind) => this.queue.ensure(kind)));
    const due = new Set(await this.queue.due(kinds.map(({ name }) => name)));
    while (!this.stopping && this.running.size < this.room) {
      const name = this.turns.kind([...due].filter((each) => this.hasRoom(each)));
      if (name === undefined) return;
      const job = await this.take(name);
      if (job === undefined) due.delete(name);
      else this.run(job);
    }
  }

  private hasRoom(name: string): boolean {
    const count = [...this.running.values()].filter(({ kind }) => kind.name === name).length;
    return count < this.kinds.get(name).concurrency;
  }

  private async take(name: string): Promise<TakenJob | undefined> {
    const job = await this.queue.take(name, this.turns.passed(name));
    if (job !== undefined || !this.turns.endRound(name)) return job;
    return this.queue.take(name, this.turns.passed(name));
  }

  private run(job: TakenJob): void {
    const tenant = job.groupId ?? undefined;
    this.turns.taken(job.name, tenant);
    const kind = this.kinds.get(job.name);
    const abort = new AbortController();
    const ended = this.attempt(kind, job, abort)
      .catch((error: unknown) => {
        // its outcome could not be told: it is tried again when its heartbeat is missed
        this.log.warn({ err: error, message: `${nameOf(job)} is not settled` });
      })
      .finally(() => {
        this.running.delete(job.id);
        if (tenant !== undefined) this.turns.done(tenant);
        this.wake();
      });
    this.running.set(job.id, { kind, job, abort, ended });
  }

  private async attempt(kind: JobKind, job: TakenJob, abort: AbortController): Promise<void> {
    const outcome = await inTime(this.runner.run(kind, job, abort.signal), kind.timeoutS, abort);
    // it was given back: another node may have it by now
    if (abort.signal.reason instanceof GivenBack) return;
    this.note(kind, outcome);
    await this.settle(job, outcome);
  }

  private async settle(job: TakenJob, outcome: Outcome): Promise<void> {
    switch (outcome.came) {
      case 'done':
        return this.queue.complete(job);
      case 'refused':
        this.log.error(`${nameOf(job)} is refused: ${outcome.reason}`);
        return this.queue.refuse(job, outcome.reason);
      case 'dropped':
        this.log.warn(`${nameOf(job)} is dropped: ${outcome.reason}`);
        return this.queue.cancel(job);
      case 'put_off': {
        const age = (Date.now() - new Date(job.createdOn).getTime()) / 1000;
        if (age > PUT_OFF_S) return this.failed(job, outcome.error);
        this.log.debug(`${nameOf(job)} is put off: ${messageOf(outcome.error)}`);
        return this.queue.putBack(job, Math.min(Math.max(age / 4, FIRST_PAUSE_S), LAST_PAUSE_S));
      }
      case 'failed':
        return this.failed(job, outcome.error);
    }
  }

  private failed(job: TakenJob, error: unknown): Promise<void> {
    const attempt = job.retryCount + 1;
    if (job.retryCount >= job.retryLimit)
      this.log.error({ err: error, message: `${nameOf(job)} has failed for good, at attempt ${String(attempt)}` });
    else this.log.warn({ err: error, message: `${nameOf(job)} failed at attempt ${String(attempt)}` });
    return this.queue.fail(job, messageOf(error));
  }

  private note({ name }: JobKind, { came }: Outcome): void {
    const key = `${name} ${came}`;
    const value = (this.outcomes.get(key)?.value ?? 0) + 1;
    this.outcomes.set(key, { labels: { kind: name, outcome: came }, value });
  }

  private async signOfLife(): Promise<void> {
    try {
      const jobs = [...this.running.values()].map(({ job }) => job);
      for (const id of await this.queue.beat(jobs))
        this.running.get(id)?.abort.abort(new Error('another node has taken the job over'));
    } catch (error) {
      this.log.debug(`no sign of life: ${messageOf(error)}`);
    }
  }

  private async drain(): Promise<void> {
    if (this.looking === undefined) return;
    await this.looking;
    const ended = Promise.all([...this.running.values()].map((each) => each.ended));
    await Promise.race([ended, sleep(DRAIN_MS, undefined, { ref: false })]);
    clearInterval(this.beat);
    for (const { job, abort } of this.running.values()) {
      abort.abort(new GivenBack('the node is stopping'));
      await this.queue.putBack(job, 0).catch(() => undefined);
      this.log.warn(`${nameOf(job)} is given back: the node is stopping`);
    }
    await this.queue.stop();
  }
}

class GivenBack extends Error {}

/** An attempt that does not end in time is not waited for: its place is another's. */
async function inTime(work: Promise<Outcome>, seconds: number, abort: AbortController): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => {
      const error = new Error(`it did not end within ${String(seconds)} s`);
      abort.abort(error);
      resolve({ came: 'failed', error });
    }, seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const nameOf = ({ name, id, groupId }: TakenJob): string => `job ${name} (${id})${groupId ? ` of ${groupId}` : ''}`;
const messageOf = (error: unknown): string => String(error);
