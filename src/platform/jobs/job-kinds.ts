import { Injectable } from '@nestjs/common';

/** What a job is told of itself. */
export interface JobContext {
  readonly id: string;
  readonly organizationId: string;
  /** Of the placement that the tenant had when the job was sent; the work runs where it is now. */
  readonly epoch: number;
  /** 1 at first. What was put off, since the tenant could not be reached, does not count. */
  readonly attempt: number;
  /** Aborted when the work has outlasted its time, when another node has taken it over, and when this one stops. */
  readonly signal: AbortSignal;
}
/** Told when it is to stop, as `JobContext` is. */
export type PlatformWork = (signal: AbortSignal) => Promise<void>;
export type TenantWork<Payload> = (payload: Payload, job: JobContext) => Promise<void>;

export interface JobOptions {
  /** How often it is tried again before it has failed for good, with growing pauses. */
  readonly retries?: number;
  /** Seconds within which one attempt has to end. */
  readonly timeoutS?: number;
  /** How many of this kind a node runs at once; never more than JOBS_CONCURRENCY. */
  readonly concurrency?: number;
}

interface Common extends Required<JobOptions> {
  /** Names the queue as well. */
  readonly name: string;
}
/** Done for one tenant. */
export interface TenantKind extends Common {
  readonly of: 'tenant';
  readonly work: TenantWork<object>;
}
/** Done for the platform, on a schedule. */
export interface PlatformKind extends Common {
  readonly of: 'platform';
  /** In UTC. */
  readonly cron: string;
  readonly work: PlatformWork;
}
export type JobKind = TenantKind | PlatformKind;

export const DEFAULTS: Required<JobOptions> = { retries: 5, timeoutS: 900, concurrency: Infinity };

/** What this node knows to do. */
@Injectable()
export class JobKinds {
  private readonly kinds = new Map<string, JobKind>();

  /** Throws for a name that is taken: a queue has one kind of work. */
  add(kind: JobKind): void {
    if (this.kinds.has(kind.name)) throw new Error(`jobs of the kind ${kind.name} are handled already`);
    this.kinds.set(kind.name, kind);
  }

  /** Throws for a kind that nobody has registered. */
  get(name: string): JobKind {
    const kind = this.kinds.get(name);
    if (kind === undefined) throw new Error(`nothing handles jobs of the kind ${name}`);
    return kind;
  }

  all(): JobKind[] {
    return [...this.kinds.values()];
  }
}
