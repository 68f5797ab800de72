import { ApiProperty } from '@nestjs/swagger';
import { RestorableRow } from '../../platform/resources/index.js';

/** What a tenant pays for, and whether it does. */
export class SubscriptionRow extends RestorableRow {
  tenant_id: string;
  /** Which decides the plan. @example 'professional' */
  plan_code: string;
  status: string;
  current_period_start: string | null;
  current_period_end: string | null;
  trial_ends_at: string | null;
  /** After seven days of it only what the free plan has is left. */
  past_due_at: string | null;
  canceled_at: string | null;
  cancel_at_period_end: boolean;
  /** How many members the tenant may have; null: as many as the plan says. */
  @ApiProperty({ type: 'integer', nullable: true }) seats: number | null;
}
