import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';

/** The tenant's own switches, over its plan in both directions. */
export class SetEntitlements {
  /** Replaces what was there: by the module's key, whether the tenant may use it. @example {"crm": true} */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'boolean' } })
  @ValidateBy({
    name: 'isObject',
    validator: {
      validate: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      defaultMessage: () => 'must be an object',
    },
  })
  enabled_modules: Record<string, boolean>;
}

/** Whether a tenant may use a module now, and why. */
export class Entitlement {
  /** @example 'crm' */
  module: string;
  /** @example true */
  entitled: boolean;
  /** always_on, by_role, override, plan or trial; or why not: disabled, not_in_plan, trial_expired, subscription_canceled, past_due. @example 'plan' */
  reason: string;
  /** When the tenant's trial of it ends or ended. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true }) trial_ends_at: string | null;
}

export class Entitlements {
  @ApiProperty({ type: 'object', additionalProperties: { type: 'boolean' } })
  enabled_modules: Record<string, boolean>;
  @ApiProperty({ type: () => [Entitlement] })
  modules: Entitlement[];
}
