import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsId, IsTime } from '../../../platform/resources/index.js';

/** Where a permission comes from. */
export class PermissionOrigin {
  @ApiProperty({ enum: ['role', 'grant', 'module'] }) kind: string;
  /** What was given: the permission itself, or one that means it too. @example 'crm.*' */
  permission_code: string;
  /** Of a role. @example 'manager' */
  @ApiProperty({ type: 'string', required: false }) role_code?: string;
  /** Of a module assigned to a manager. @example 'crm' */
  @ApiProperty({ type: 'string', required: false }) module?: string;
  /** Of a grant that ends. */
  @ApiProperty({ type: 'string', format: 'date-time', required: false }) expires_at?: string;
}
export class EffectivePermissionRow {
  /** @example 'crm_leads_read' */
  permission_code: string;
  /** Whose records it reaches. */
  @ApiProperty({ enum: ['all', 'team', 'own'] }) record_scope: string;
  @ApiProperty({ type: () => [PermissionOrigin] }) sources: readonly PermissionOrigin[];
}
export class EffectivePermissionPage {
  @ApiProperty({ type: [EffectivePermissionRow] }) items: EffectivePermissionRow[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Always null: it is one list' }) next_cursor:
    string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Always null' }) total: number | null;
}

export class GrantPermission {
  /** One that you hold yourself. */
  @IsId() permission_id: string;
  /** When it ends by itself: in the future. Never, when left out. @example '2030-01-01T00:00:00.000Z' */
  @IsOptional() @IsTime() expires_at?: string | null;
}

/** A permission granted to a member directly. */
export class GrantRow {
  /** The permission's. @example '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' */
  id: string;
  /** The same. @example '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' */
  permission_id: string;
  /** Who has it. */
  user_id: string;
  /** @example 'crm_leads_read' */
  permission_code: string;
  /** @example 'Read leads (CRM)' */
  permission_name: string;
  /** null: it does not end */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true }) expires_at: string | null;
  @ApiProperty({ type: 'string', format: 'date-time' }) granted_at: string;
  /** null: the system */
  @ApiProperty({ type: 'string', format: 'uuid', nullable: true }) granted_by: string | null;
}
export class GrantPage {
  @ApiProperty({ type: [GrantRow], description: 'Those that have ended too' }) items: GrantRow[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Always null: it is one list' }) next_cursor:
    string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'With `with_total=true` alone' }) total: number | null;
}
