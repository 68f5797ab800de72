import { Injectable, Logger, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { Pools } from '../database/index.js';
import { Placements, type ServedLocation, Tenancy } from '../tenancy/index.js';
import { EventHandlers } from './event-handlers.js';
import { type DomainEvent, Outbox } from './outbox.js';

/** How often what a crash or a failing handler left behind is looked for. */
const SWEEP_MS = 2_000;
/** In which each location of a single tenant has been looked at. */
const ROUND_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

interface Failure {
  readonly delay: number;
  readonly notBefore: number;
}

/** Hands the events of every tenant to the handlers of this process, at least once, each in a unit of work of its own. */
@Injectable()
export class OutboxPublisher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(OutboxPublisher.name);
  private readonly failures = new Map<string, Failure>();
  /** Tenants whose outbox is being read; true: look once more, something came meanwhile. */
  private readonly running = new Map<string, boolean>();
  private readonly work = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private turn = 0;

  constructor(
    private readonly outbox: Outbox,
    private readonly handlers: EventHandlers,
    private readonly tenancy: Tenancy,
    private readonly placements: Placements,
    private readonly pools: Pools,
  ) {}

  onApplicationBootstrap(): void {
    this.outbox.onPublished((organizationId) => {
      this.wake(organizationId);
    });
    this.timer = setInterval(() => {
      this.track(this.sweep());
    }, SWEEP_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await Promise.allSettled(this.work);
  }

  private wake(organizationId: string): void {
    if (this.running.has(organizationId)) this.running.set(organizationId, true);
    else if (!this.stopped) this.track(this.drain(organizationId));
  }

  private track(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        this.log.warn(`events wait: ${String(error)}`);
      })
      .finally(() => this.work.delete(done));
    this.work.add(done);
  }

  /** The shared location each time, the others in turn: one that cannot be reached keeps nobody else's events. */
  private async sweep(): Promise<void> {
    const locations = await this.placements.locations();
    const own = locations.filter(({ isShared }) => !isShared);
    const due = Math.ceil((own.length * SWEEP_MS) / ROUND_MS);
    const inTurn = Array.from({ length: due }, () => own[this.turn++ % own.length]).filter(
      (each) => each !== undefined,
    );
    const asked = [...locations.filter(({ isShared }) => isShared), ...inTurn].map((location) => this.look(location));
    for (const result of await Promise.allSettled(asked)) if (result.status === 'rejected') throw result.reason;
  }

  private async look({ schema, ...at }: ServedLocation): Promise<void> {
    const { rows } = await this.pools.get('platform', at).query<{ id: string }>({
      name: 'outbox_backlog',
      text: 'select tenancy.outbox_backlog($1) as id',
      values: [schema],
    });
    for (const { id } of rows) this.wake(id);
  }

  private async drain(organizationId: string): Promise<void> {
    try {
      do {
        this.running.set(organizationId, false);
        await this.tenancy.run(organizationId, async () => {
          while (!this.stopped && (await this.next(organizationId)));
        });
      } while (this.running.get(organizationId) === true && !this.stopped);
    } finally {
      this.running.delete(organizationId);
    }
  }

  /** Tells the oldest event that is due and that no other node has in hand. False: there is none. */
  private async next(organizationId: string): Promise<boolean> {
    let event: DomainEvent | undefined;
    try {
      return await this.tenancy.transaction(async () => {
        [event] = await this.tenancy.write<DomainEvent>({
          text: `select id, event, organization_id as "organizationId", payload from outbox
            where organization_id = $1 and published_at is null and id <> all ($2::uuid[]) order by id limit 1 for update skip locked`,
          values: [organizationId, this.notDue()],
        });
        if (event === undefined) return false;
        for (const handle of this.handlers.of(event.event)) await handle(event);
        await this.tenancy.write({
          text: 'update outbox set published_at = now() where organization_id = $1 and id = $2',
          values: [organizationId, event.id],
        });
        this.failures.delete(event.id);
        return true;
      });
    } catch (error) {
      if (event === undefined) throw error;
      this.postpone(event, error);
      return true;
    }
  }

  private postpone({ id, event, organizationId }: DomainEvent, error: unknown): void {
    const delay = Math.min((this.failures.get(id)?.delay ?? FIRST_RETRY_MS / 2) * 2, LAST_RETRY_MS);
    this.failures.set(id, { delay, notBefore: Date.now() + delay });
    this.log.warn(
      `a handler of ${event} (${id}) of ${organizationId} failed, again in ${String(delay)} ms: ${String(error)}`,
    );
  }

  private notDue(): string[] {
    const now = Date.now();
    return [...this.failures].filter(([, { notBefore }]) => notBefore > now).map(([id]) => id);
  }
}
