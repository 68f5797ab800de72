import { ApiProperty } from '@nestjs/swagger';

/** The columns of an entry under their wire names, as a file has them. */
export const AUDIT_COLUMNS = [
  'id',
  'tenant_id',
  'at',
  'actor_id',
  'actor_kind',
  'action',
  'resource',
  'resource_id',
  'outcome',
  'code',
  'layer',
  'reason',
  'changes',
  'request_id',
  'ip',
  'user_agent',
] as const;

/** One entry: what was done to which row, or was refused. */
export class AuditEntryRow implements Record<(typeof AUDIT_COLUMNS)[number], unknown> {
  /** @example '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' */
  id: string;
  /** null: the platform itself */
  @ApiProperty({ type: 'string', nullable: true, example: '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' })
  tenant_id: string | null;
  /** @example '2026-11-20T15:53:55.120Z' */
  at: string;
  /** null: the system, or somebody who could not be told */
  @ApiProperty({ type: 'string', nullable: true, example: '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' })
  actor_id: string | null;
  @ApiProperty({ enum: ['user', 'api_key', 'system', 'platform'] })
  actor_kind: string;
  /** @example update */
  action: string;
  /**
   * The table of the row; of a refusal, what was asked for
   * @example crm_leads
   */
  resource: string;
  @ApiProperty({ type: 'string', nullable: true, example: '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' })
  resource_id: string | null;
  @ApiProperty({ enum: ['ok', 'refused'] })
  outcome: string;
  /** Of a refusal: the code of its problem */
  code: string | null;
  /** Of a refusal: which of the three layers it was */
  layer: string | null;
  reason: string | null;
  /** What the row held `before` and `after`, secrets masked */
  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    example: { before: { status: 'new' }, after: { status: 'contacted' } },
  })
  changes: Record<string, unknown> | null;
  /** As the answer had it in X-Request-Id */
  request_id: string | null;
  /** @example '192.0.2.7' */
  ip: string | null;
  user_agent: string | null;
}

export class AuditPage {
  @ApiProperty({ type: [AuditEntryRow] })
  items: AuditEntryRow[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Hand it back as `cursor`; null on the last page' })
  next_cursor: string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'With `with_total=true` alone' })
  total: number | null;
}
