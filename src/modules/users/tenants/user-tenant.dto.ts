import { ApiProperty } from '@nestjs/swagger';
import { IsId, IsName } from '../../../platform/resources/index.js';

export class JoinTenant {
  @IsId() tenant_id: string;
  /** A role of that tenant, or a built-in one. @example 'viewer' */
  @IsName(50) role_code: string;
}

/** A membership of a person: at home, or as a guest. */
export class UserTenantRow {
  /** @example '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' */
  tenant_id: string;
  /** @example 'testcorp' */
  tenant_code: string;
  /** @example 'Test Corp' */
  tenant_name: string;
  @ApiProperty({ enum: ['active', 'suspended', 'inactive'] }) tenant_status: string;
  /** His own, as it holds there. */
  @ApiProperty({ enum: ['active', 'inactive', 'suspended'] }) status: string;
  is_guest: boolean;
  @ApiProperty({ type: 'string', format: 'date-time' }) joined_at: string;
  @ApiProperty({ type: 'array', items: { type: 'string' }, example: ['viewer'] }) role_codes: string[];
}
export class UserTenantPage {
  @ApiProperty({ type: [UserTenantRow], description: 'His home first' }) items: UserTenantRow[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Always null: it is one list' }) next_cursor:
    string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'With `with_total=true` alone' }) total: number | null;
}
