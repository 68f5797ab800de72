import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/index.js';
import { type JobKind, JobKinds } from './job-kinds.js';
import { JobOutcomes, nameOf } from './job-outcomes.js';
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
const LEAVE_MS = 1_000;

interface Running {
  readonly kind: JobKind;
  readonly job: TakenJob;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Does the jobs of all tenants on this node, as many at once as JOBS_CONCURRENCY says. A command sends, and does none. */
@Injectable()
export class JobWorkers implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly log = new Logger('Jobs');
  private readonly turns: Turns;
  private readonly room: number;
  private readonly running = new Map<string, Running>();
  private looking: Promise<void> | undefined;
  private lookedAt = -Infinity;
  private failing = false;
  private pause = new AbortController();
  private beat: NodeJS.Timeout | undefined;
  private stopping = false;
  private drained: Promise<void> | undefined;

  constructor(
    private readonly queue: JobQueue,
    private readonly kinds: JobKinds,
    private readonly runner: JobRunner,
    private readonly outcomes: JobOutcomes,
    @Inject(CONFIG) config: Pick<Config, 'jobsConcurrency'>,
  ) {
    this.room = config.jobsConcurrency;
    this.turns = new Turns(Math.ceil(this.room / 2));
  }

  /** From now on this process does jobs. Returns after the first look for some; where that fails, others follow. */
  async start(): Promise<void> {
    if (this.looking !== undefined || this.stopping) return;
    this.queue.onSent(() => {
      this.wake();
    });
    this.beat = setInterval(() => void this.signOfLife(), BEAT_MS).unref();
    const first = this.look();
    this.looking = first.then(() => this.lookOn());
    await first;
  }

  /** For the health of the node: rejects when the last look for jobs has failed, or is long ago. */
  check(): Promise<void> {
    const isWell = !this.failing && performance.now() - this.lookedAt < STALE_MS;
    return isWell ? Promise.resolve() : Promise.reject(new Error('no jobs are being looked for'));
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

  private async lookOn(): Promise<void> {
    for (;;) {
      await sleep(LOOK_MS, undefined, { signal: this.pause.signal, ref: false }).catch(() => undefined);
      if (this.stopping) return;
      await this.look();
    }
  }

  private async look(): Promise<void> {
    this.pause = new AbortController();
    try {
      await this.queue.start();
      await this.takeWhatIsDue();
      this.lookedAt = performance.now();
      if (this.failing) this.log.log('jobs are done again');
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.log.warn({ err: error, message: 'jobs wait' });
      this.failing = true;
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
        this.running.delete(attemptOf(job));
        if (tenant !== undefined) this.turns.done(tenant);
        this.wake();
      });
    this.running.set(attemptOf(job), { kind, job, abort, ended });
  }

  private async attempt(kind: JobKind, job: TakenJob, abort: AbortController): Promise<void> {
    const outcome = await inTime(this.runner.run(kind, job, abort.signal), kind.timeoutS, abort);
    // it was given back: another node may have it by now
    if (abort.signal.reason instanceof GivenBack) return;
    await this.outcomes.settle(job, outcome, () => abort.signal.reason instanceof GivenBack);
  }

  private async signOfLife(): Promise<void> {
    try {
      const jobs = [...this.running.values()].map(({ job }) => job);
      for (const job of await this.queue.beat(jobs))
        this.running.get(attemptOf(job))?.abort.abort(new Error('another node has taken the job over'));
    } catch (error) {
      this.log.debug(`no sign of life: ${String(error)}`);
    }
  }

  private async drain(): Promise<void> {
    if (this.looking === undefined) return;
    const ended = this.looking.then(() => Promise.all([...this.running.values()].map((each) => each.ended)));
    await Promise.race([ended, sleep(DRAIN_MS, undefined, { ref: false })]);
    clearInterval(this.beat);
    const leaving = [...this.running.values()].map((each) => this.giveBack(each));
    const left = Promise.all([...leaving, this.queue.stop()]).catch(() => undefined);
    await Promise.race([left, sleep(LEAVE_MS, undefined, { ref: false })]);
  }

  private async giveBack({ job, abort }: Running): Promise<void> {
    abort.abort(new GivenBack('the node is stopping'));
    await this.queue.putBack(job, 0);
    this.log.warn(`${nameOf(job)} is given back: the node is stopping`);
  }
}

class GivenBack extends Error {}

/** A node can get a job again that was taken from it, while its first attempt still runs. */
const attemptOf = ({ id, retryCount }: TakenJob): string => `${id} ${String(retryCount)}`;

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
