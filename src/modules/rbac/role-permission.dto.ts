import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '../../platform/resources/index.js';

/** Which permission the role is to give. */
export class AddRolePermission {
  /** One that you hold yourself. */
  @IsId() permission_id: string;
}

/** That a role gives a permission. */
export class RolePermissionRow {
  /** @example '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' */
  id: string;
  @ApiProperty({ type: 'string', format: 'uuid' }) role_id: string;
  @ApiProperty({ type: 'string', format: 'uuid' }) permission_id: string;
  /** @example 'crm_leads_read' */
  permission_code: string;
  @ApiProperty({ type: 'string', format: 'date-time' }) created_at: string;
  @ApiProperty({ type: 'string', format: 'uuid', nullable: true }) created_by: string | null;
}
