import { ApiProperty } from '@nestjs/swagger';
import { IsString, IsUUID, MaxLength } from 'class-validator';

/** Whose access is explained, and to what. */
export class ExplainQuery {
  /**
   * A member of the tenant
   * @example 01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11
   */
  @IsUUID()
  user_id: string;

  /**
   * A resource and an action, or the code of a custom permission
   * @example crm.leads:read
   */
  @IsString()
  @MaxLength(200)
  access: string;
}

/** What a layer answered, or all of them. */
export class AccessAnswer {
  passed: boolean;
  /** Why nothing was asked */
  because?: string;
  /**
   * What a request would be answered
   * @example 403
   */
  status?: number;
  /** @example permission_denied */
  code?: string;
  /** What would have been needed */
  required?: string;
  /** Why it was refused */
  reason?: string;
}

/** The answer of the first layer that refuses. */
export class AccessVerdict extends AccessAnswer {
  /** Which layer refused */
  @ApiProperty({ enum: ['tenant', 'entitlement', 'permission'] })
  layer?: string;
}

/** One layer: what it was asked, what it found, what it answered. */
export class ExplainedLayer {
  @ApiProperty({ enum: ['tenant', 'entitlement', 'permission'] })
  layer: string;
  /** @example 'May the caller do what crm_leads_read stands for?' */
  question: string;
  /** What the answer stands on */
  @ApiProperty({ type: 'object', additionalProperties: true })
  facts: Record<string, unknown>;
  answer: AccessAnswer;
}

/** What a request of this person would be answered, layer by layer. */
export class AccessExplanation {
  /** @example 01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11 */
  user_id: string;
  /** null: a platform user who acts in no tenant */
  @ApiProperty({ type: 'string', nullable: true })
  tenant_id: string | null;
  /** As x-required-access in this document */
  @ApiProperty({ type: 'object', additionalProperties: true })
  access: object;
  /** Every layer, also those behind the one that refuses */
  @ApiProperty({ type: () => [ExplainedLayer] })
  layers: readonly ExplainedLayer[];
  verdict: AccessVerdict;
}
