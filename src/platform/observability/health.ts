import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

/** One thing without which requests cannot be served. `check` rejects when it is away; what it says is logged, not told. */
export interface HealthCheck {
  name: string;
  check(): Promise<void>;
}

/** The Nest token of the HealthCheck[] that the application provides. */
export const HEALTH_CHECKS = Symbol('HealthChecks');

export interface Readiness {
  status: 'ready' | 'unavailable';
  /** By the name of the check: `ok` or `unavailable`. */
  checks: Record<string, string>;
}

/** Milliseconds for which an answer is given again. */
const KEPT = 1000;
/** Milliseconds after which a check counts as failed. */
const TIMEOUT = 2000;

/** Whether this process should get requests. */
@Injectable()
export class Health implements OnModuleDestroy {
  private readonly logger = new Logger('Health');
  private readonly failing = new Set<string>();
  private answer: Promise<Readiness> | undefined;
  private answeredAt = 0;
  private stopping = false;

  constructor(@Inject(HEALTH_CHECKS) private readonly checks: readonly HealthCheck[]) {}

  /** Asks each check at most once a second, however many ask at the same time. */
  ready(): Promise<Readiness> {
    if (this.stopping) return Promise.resolve({ status: 'unavailable', checks: { process: 'stopping' } });
    if (!this.answer || performance.now() - this.answeredAt >= KEPT) {
      // whoever asks while the checks run gets their answer
      this.answeredAt = Infinity;
      this.answer = this.ask().finally(() => (this.answeredAt = performance.now()));
    }
    return this.answer;
  }

  /** Not ready from now on: called on SIGTERM, before running requests are waited for. */
  stop(): void {
    this.stopping = true;
  }

  onModuleDestroy(): void {
    this.stop();
  }

  private async ask(): Promise<Readiness> {
    const passed = await Promise.all(this.checks.map((check) => this.passes(check)));
    return {
      status: passed.every(Boolean) ? 'ready' : 'unavailable',
      checks: Object.fromEntries(this.checks.map(({ name }, i) => [name, passed[i] ? 'ok' : 'unavailable'])),
    };
  }

  private async passes(check: HealthCheck): Promise<boolean> {
    const fault = await faultOf(check);
    const isFailing = fault !== undefined;
    if (isFailing === this.failing.has(check.name)) return !isFailing;
    // told once, and once more when it is over
    if (isFailing) {
      this.failing.add(check.name);
      this.logger.warn({ message: `${check.name} is unavailable`, err: fault });
    } else {
      this.failing.delete(check.name);
      this.logger.log(`${check.name} is back`);
    }
    return !isFailing;
  }
}

async function faultOf(check: HealthCheck): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${check.name} did not answer within ${String(TIMEOUT)} ms`)), TIMEOUT);
  });
  try {
    await Promise.race([check.check(), late]);
    return undefined;
  } catch (error) {
    return error ?? new Error(`${check.name} failed`);
  } finally {
    clearTimeout(timer);
  }
}
