import { ApiProperty } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { IsName, IsOneOf, StoredRow } from '../../platform/resources/index.js';
import { MOVE_STATUSES } from '../../platform/tenancy/index.js';
import { TenantPlace } from '../tenants/index.js';

/** May be left out, but not be null. */
const IsGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

export class MoveTenant {
  @IsOneOf(['shared', 'schema', 'database']) isolation: string;
  /** A server of the configuration, for a database of its own. @example 'main' */
  @IsGiven() @IsName(63) server?: string;
}

/** A move of a tenant from one location to another, while it is used. */
export class MoveRow extends StoredRow {
  tenant_id: string;
  from: TenantPlace;
  to: TenantPlace;
  @ApiProperty({ enum: MOVE_STATUSES }) status: string;
  /** In all its tables when the copy began. */
  @ApiProperty({ type: 'integer' }) rows_total: number;
  @ApiProperty({ type: 'integer' }) rows_copied: number;
  /** Written meanwhile, and carried over. */
  @ApiProperty({ type: 'integer' }) rows_caught_up: number;
  /** Milliseconds for which nobody could write. */
  @ApiProperty({ type: 'integer', nullable: true }) pause_ms: number | null;
  /** What it last met. */
  error: string | null;
  /** From then on the tenant is at the new place. */
  switched_at: string | null;
  finished_at: string | null;
  /** Until then it can be rolled back. */
  cleaned_at: string | null;
}
