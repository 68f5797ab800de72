import { Injectable } from '@nestjs/common';
import { newId } from '../../common/ids.js';
import { currentPlacement, currentScope } from '../tenancy/index.js';

/** What happened in a tenant, told after the unit of work that made it has committed. */
export interface DomainEvent<Payload = Record<string, unknown>> {
  readonly id: string;
  readonly event: string;
  readonly organizationId: string;
  readonly payload: Payload;
}

/** Writes events into the outbox of the running unit of work: they are told if it commits, and only then. */
@Injectable()
export class Outbox {
  private wake: (organizationId: string) => void = () => undefined;

  /** `event` reads `crm.lead.converted`; `payload` holds ids and facts, never a secret. Outside a unit of work it throws. */
  async publish(event: string, payload: Record<string, unknown>): Promise<void> {
    const unit = currentScope().tenantUnit;
    if (unit === undefined) throw new Error('an event is published inside tenancy.transaction()');
    const { organizationId, epoch } = currentPlacement();
    await unit.query({
      text: 'insert into outbox (organization_id, id, event, payload, epoch) values ($1, $2, $3, $4, $5)',
      values: [organizationId, newId(), event, JSON.stringify(payload), epoch],
    });
    unit.onCommit(() => {
      this.wake(organizationId);
    });
  }

  /** The publisher asks to be told of each commit that left events behind. */
  onPublished(wake: (organizationId: string) => void): void {
    this.wake = wake;
  }
}
