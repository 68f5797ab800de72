import { Injectable } from '@nestjs/common';
import { NotFound } from '../../common/problem.js';
import { currentPlacement, Placements } from '../tenancy/index.js';
import {
  DEFAULTS,
  JobKinds,
  type JobOptions,
  type PlatformWork,
  type TenantKind,
  type TenantWork,
} from './job-kinds.js';
import { JobQueue } from './job-queue.js';

export interface SendOptions {
  /** At most one unfinished job of this kind, tenant and key: sending it again gives the one that is there. */
  readonly key?: string;
  /** Not before this time, or so many seconds from now. */
  readonly startAfter?: Date | number;
}

/**
 * Work that is done later and elsewhere than it is asked for. A job is of one tenant and carries its epoch: the state of
 * its placement when the job was sent. It runs where the tenant is then, at the new place after a move; an epoch that
 * core has not reached yet is of another database's past, and such a job is refused.
 */
@Injectable()
export class Jobs {
  constructor(
    private readonly queue: JobQueue,
    private readonly kinds: JobKinds,
    private readonly placements: Placements,
  ) {}

  /**
   * Registers, in a feature's `onModuleInit`, what is done with jobs of a kind (`exports.run`). `work` runs in
   * `tenancy.run` of the job's tenant as the system, at least once, so it must bear repetition. What it throws counts as
   * an attempt; a 503 (the tenant is being moved, something is away) puts it off without. A suspended tenant's job
   * runs, since what the platform does for it goes on; a deleted one's is dropped.
   */
  handle<Payload extends object>(kind: string, work: TenantWork<Payload>, options: JobOptions = {}): void {
    this.kinds.add({ of: 'tenant', name: kind, work: work as TenantWork<object>, ...DEFAULTS, ...options });
  }

  /** Registers work that no tenant stands behind: by cron, in UTC, once over all nodes; one that was missed is made up. */
  schedule(kind: string, cron: string, work: PlatformWork, options: JobOptions = {}): void {
    this.kinds.add({ of: 'platform', name: kind, cron, work, ...DEFAULTS, ...options });
  }

  /**
   * Sends a job of the running scope's tenant, and gives its id. It is sent at once, whatever becomes of a unit of work
   * around it: where the two must agree, publish an event and send from its handler. `payload` holds ids and facts,
   * never a secret.
   */
  async send(kind: string, payload: object, options: SendOptions = {}): Promise<string> {
    const { organizationId, epoch } = currentPlacement();
    return this.queue.send(this.tenantKind(kind), { organizationId, epoch, payload }, options);
  }

  /** The same for a named tenant, whether or not it can be reached now: for scheduled work that makes a job for each. */
  async sendFor(organizationId: string, kind: string, payload: object, options: SendOptions = {}): Promise<string> {
    const known = await this.placements.known(organizationId);
    if (known === undefined || known.isDeleted) throw NotFound();
    return this.queue.send(this.tenantKind(kind), { organizationId, epoch: known.epoch, payload }, options);
  }

  /** Takes what waits for a tenant, and what has ended, out of the queue: for one that is removed for good. */
  forget(organizationId: string): Promise<void> {
    return this.queue.forget(organizationId);
  }

  private tenantKind(name: string): TenantKind {
    const kind = this.kinds.get(name);
    if (kind.of !== 'tenant') throw new Error(`${name} is scheduled work, and is not sent`);
    return kind;
  }
}
