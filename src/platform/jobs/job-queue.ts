import { Injectable, Logger } from '@nestjs/common';
import type { ConstructorOptions, JobWithMetadata, PgBoss } from 'pg-boss';
import { newId } from '../../common/ids.js';
import { type ConnectionSource, Pools, QUEUE_SCHEMA } from '../database/index.js';
import type { Figures } from '../observability/index.js';
import type { JobKind, PlatformKind } from './job-kinds.js';
import type { SendOptions } from './jobs.js';

/** What lies in the queue for a tenant. */
export interface Envelope {
  readonly organizationId: string;
  readonly epoch: number;
  readonly payload: object;
}
/** A job in hand. pg-boss fences what is said of it by the attempt, so that a claim that was lost settles nothing. */
export type TakenJob = Pick<
  JobWithMetadata<unknown>,
  'id' | 'name' | 'data' | 'retryCount' | 'retryLimit' | 'groupId' | 'singletonKey'
> & { readonly createdOn: Date | string };

/** Seconds without a sign of life after which a job is taken from its node, and how often such jobs are looked for. */
const HEARTBEAT_S = 20;
const SUPERVISE_S = 15;
const FIRST_RETRY_S = 2;
const LAST_RETRY_S = 600;
/** Seconds for which one that has ended can be looked at, and after which one that nobody has taken is given up. */
const KEPT_S = 7 * 86_400;
const UNTAKEN_S = 14 * 86_400;
/** What a node notices itself is told better: the database only helps where the node cannot. */
const GRACE_S = 30;

/** No connections of its own, and no DDL: the platform's login may make nothing. */
const OPTIONS: Omit<ConstructorOptions, 'db'> = {
  schema: QUEUE_SCHEMA,
  ...{ migrate: false, createSchema: false, reindex: false, monitorVacuum: false },
  ...{ superviseIntervalSeconds: SUPERVISE_S, monitorIntervalSeconds: SUPERVISE_S },
  cronWorkerIntervalSeconds: 2,
  // jobs that wait for others are not used
  flowIntervalSeconds: 3_600,
};

/** The queue of all tenants: pg-boss on the platform login's connections. A kind of job is a queue of it. */
@Injectable()
export class JobQueue {
  private readonly log = new Logger('Jobs');
  private readonly known = new Map<string, Promise<void>>();
  private opened: Promise<PgBoss> | undefined;
  private isStarted = false;
  private wake = (): void => undefined;

  constructor(private readonly pools: Pools) {}

  /** The workers of this process ask to be told of what it has sent. */
  onSent(wake: () => void): void {
    this.wake = wake;
  }

  /** Takes part in what nodes do for the queue: schedules, finding jobs whose node died, clearing away. Repeat it until it succeeds. */
  async start(): Promise<void> {
    if (this.isStarted) return;
    const boss = await this.boss();
    try {
      await boss.start();
    } catch (error) {
      // what had started of it is ended, and the next attempt makes another
      this.opened = undefined;
      await boss.stop({ graceful: false });
      throw error;
    }
    this.isStarted = true;
  }

  async stop(): Promise<void> {
    await (await this.opened)?.stop({ graceful: false });
  }

  /** Sends a job, or finds the unfinished one of the same key. Gives its id. */
  async send(kind: JobKind, envelope: Envelope, options: SendOptions): Promise<string> {
    await this.ensure(kind);
    const { organizationId } = envelope;
    const id = newId();
    const singletonKey = `${organizationId}/${options.key ?? id}`;
    const boss = await this.boss();
    const sent = await boss.send(kind.name, envelope, {
      ...{ id, singletonKey, group: { id: organizationId } },
      ...(options.startAfter === undefined ? {} : { startAfter: options.startAfter }),
    });
    if (sent !== null) {
      this.wake();
      return sent;
    }
    const { rows } = await this.database.query<{ id: string }>(
      `select id from pgboss.job where name = $1 and singleton_key = $2 and state <= 'active'`,
      [kind.name, singletonKey],
    );
    // where there is none, it has ended meanwhile
    return rows[0]?.id ?? this.send(kind, envelope, options);
  }

  /** Makes the queue of a kind, and sets it right: once a process. */
  ensure(kind: JobKind): Promise<void> {
    const { name } = kind;
    const made = this.known.get(name) ?? this.make(kind);
    this.known.set(name, made);
    return made.catch((error: unknown) => {
      this.known.delete(name);
      throw error;
    });
  }

  /** Which of these kinds have something to do now. */
  async due(names: readonly string[]): Promise<string[]> {
    const { rows } = await this.database.query<{ name: string }>(
      `select name from unnest($1::text[]) as kinds (name) where exists (select from pgboss.job j
         where j.name = kinds.name and j.state < 'active' and not j.blocked and j.start_after <= pgboss.job_now())`,
      [names],
    );
    return rows.map(({ name }) => name);
  }

  /** The job that has waited longest, of a tenant that is not passed over. */
  async take(name: string, passed: string[]): Promise<TakenJob | undefined> {
    const [job] = await (await this.boss()).fetch<unknown>(name, { includeMetadata: true, ignoreGroups: passed });
    return job;
  }

  /** Says that these are being worked on. Gives those that are this node's no more. */
  async beat(jobs: readonly TakenJob[]): Promise<TakenJob[]> {
    const lost: TakenJob[] = [];
    for (const [name, ours] of Map.groupBy(jobs, ({ name }) => name)) {
      const { settled } = (await (await this.boss()).touch(name, attemptsOf(ours))) as { settled?: string[] };
      lost.push(...ours.filter(({ id }) => settled?.includes(id) === false));
    }
    return lost;
  }

  async complete(job: TakenJob): Promise<void> {
    await (await this.boss()).complete(job.name, attemptsOf([job]));
  }

  /** Counts the attempt: it is tried again after a pause, or has failed for good. */
  async fail(job: TakenJob, message: string): Promise<void> {
    await (await this.boss()).fail(job.name, attemptsOf([job]), { message });
  }

  /** Fails it for good. */
  async refuse(job: TakenJob, message: string): Promise<void> {
    await this.database.query(`update pgboss.job set retry_limit = retry_count where ${THIS_ATTEMPT}`, attemptOf(job));
    await this.fail(job, message);
  }

  async cancel(job: TakenJob): Promise<void> {
    await (await this.boss()).cancel(job.name, job.id);
  }

  /** Puts it back as if it had not been taken, for so many seconds. */
  async putBack(job: TakenJob, seconds: number): Promise<void> {
    await this.database.query(
      `update pgboss.job set state = 'retry', started_on = null, heartbeat_on = null,
         start_after = pgboss.job_now() + $4 * interval '1 second' where ${THIS_ATTEMPT}`,
      [...attemptOf(job), seconds],
    );
  }

  /** Removes all jobs of a tenant but those that are running. */
  async forget(organizationId: string): Promise<void> {
    await this.database.query(`delete from pgboss.job where group_id = $1 and state <> 'active'`, [organizationId]);
  }

  /** Queued, running and failed jobs by kind, as they were counted within the last quarter of a minute. */
  async figures(): Promise<Figures> {
    const { rows } = await this.database.query<{ kind: string; state: string; value: number }>(
      `select q.name as kind, c.state, c.value from pgboss.queue q, lateral (values
         ('queued', q.queued_count), ('active', q.active_count), ('failed', q.failed_count)) c (state, value)
       where q.name !~ '^__pgboss__'`,
    );
    return rows.map(({ value, ...labels }) => ({ labels, value }));
  }

  private async make(kind: JobKind): Promise<void> {
    const boss = await this.boss();
    const { name, retries: retryLimit, timeoutS } = kind;
    const options = {
      ...{ retryLimit, retryDelay: FIRST_RETRY_S, retryBackoff: true, retryDelayMax: LAST_RETRY_S },
      ...{ expireInSeconds: timeoutS + GRACE_S, heartbeatSeconds: HEARTBEAT_S },
      ...{ deleteAfterSeconds: KEPT_S, retentionSeconds: UNTAKEN_S },
    };
    // exclusive: one unfinished job a key
    await boss.createQueue(name, { policy: 'exclusive', ...options });
    await boss.updateQueue(name, options);
    if (kind.of === 'platform') await this.schedule(boss, kind);
  }

  private async schedule(boss: PgBoss, { name, cron }: PlatformKind): Promise<void> {
    await boss.schedule(name, cron, null, { tz: 'UTC', missed: 'once' });
  }

  private boss(): Promise<PgBoss> {
    return (this.opened ??= this.open());
  }

  private async open(): Promise<PgBoss> {
    // only here: most commands need no queue, and loading it takes longer than they do
    const { PgBoss } = await import('pg-boss');
    const boss = new PgBoss({ ...OPTIONS, db: { executeSql: (text, values) => this.database.query(text, values) } });
    boss.on('error', ({ message }) => {
      this.log.warn(`the queue: ${message}`);
    });
    return boss;
  }

  private get database(): ConnectionSource {
    return this.pools.get('platform');
  }
}

const attemptsOf = (jobs: readonly TakenJob[]) => jobs.map(({ id, retryCount }) => ({ id, retryCount }));
const THIS_ATTEMPT = `name = $1 and id = $2 and retry_count = $3 and state = 'active'`;
const attemptOf = ({ name, id, retryCount }: TakenJob): unknown[] => [name, id, retryCount];
