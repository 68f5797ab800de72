import { Injectable } from '@nestjs/common';
import type { DomainEvent } from './outbox.js';

type Handler = (event: DomainEvent) => Promise<void>;

/** Who listens to what. A feature registers in its `onModuleInit`. */
@Injectable()
export class EventHandlers {
  private readonly byEvent = new Map<string, Handler[]>();

  /**
   * Runs `handler` at least once for each such event, in a unit of work of the event's tenant. What it writes there
   * commits together with the mark that the event was told; what it does elsewhere must bear repetition.
   */
  on(event: string, handler: Handler): void {
    this.byEvent.set(event, [...(this.byEvent.get(event) ?? []), handler]);
  }

  of(event: string): readonly Handler[] {
    return this.byEvent.get(event) ?? [];
  }
}
